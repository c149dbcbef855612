import time, io, csv
import pytest
from django.db import connection, transaction
from consult import importing
from consult.models import *
from tests import make
pytestmark = pytest.mark.django_db(transaction=True)
def floor(c):
    t=time.perf_counter()
    rows=list(csv.DictReader(io.StringIO(c.decode("utf-8-sig")),delimiter=";"))
    ps=[r for r in rows if r["rad"]=="verv"]
    with transaction.atomic(), connection.cursor() as k:
        k.execute("CREATE TEMP TABLE f (number text, g text, fam text, lang text, email text, kind text, unit text, role text, s text) ON COMMIT DROP")
        with k.copy("COPY f FROM STDIN") as cp:
            for r in ps:
                a,b=r["navn"].split(", "); cp.write_row((r["medlemsnummer"],b,a,"nb",r["e-post"],"private",r["enhetskode"],"member",r["fra"]))
        k.execute("INSERT INTO consult_person (number,given_name,family_name,language) SELECT number,g,fam,lang FROM f ON CONFLICT DO NOTHING")
        k.execute("INSERT INTO consult_address (person_id,email,kind) SELECT p.id,email,kind FROM f JOIN consult_person p USING(number) ON CONFLICT DO NOTHING")
        k.execute("INSERT INTO consult_appointment (person_id,unit_id,role,starts_on) SELECT p.id,u.id,role,to_date(s,'DD.MM.YYYY') FROM f JOIN consult_person p USING(number) JOIN consult_unit u ON u.code=f.unit ON CONFLICT DO NOTHING")
    return time.perf_counter()-t
def wipe():
    with connection.cursor() as k: k.execute("TRUNCATE consult_person, consult_address, consult_appointment CASCADE")
def test_try(tmp_path):
    from benchmarks import register
    p = tmp_path/"r.csv"; register.write(p); c = p.read_bytes()
    importing.apply(importing.plan(c,"x",make.OPENS).pk,make.OPENS)
    for _ in range(5):
        wipe(); f=floor(c); wipe()
        t=time.perf_counter(); i=importing.plan(c,"x",make.OPENS); pl=time.perf_counter()-t
        t=time.perf_counter(); importing.apply(i.pk,make.OPENS); a=time.perf_counter()-t
        print(f"R floor {f:.2f} plan {pl:.2f} apply {a:.2f} ratio {a/f:.2f}")
