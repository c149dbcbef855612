"""Every address of the service. Others rely on these: see docs/architecture.md before changing one."""

from allauth.account.decorators import secure_admin_login
from allauth.account.views import login, logout
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from config import health
from surveys.web import files

# The admin's own form has no limit on attempts; allauth's has.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/login/", login, name="account_login"),
    path("accounts/logout/", logout, name="account_logout"),
    path("language/", set_language, name="set_language"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("files/<str:name>", files.show, name="file"),
    path("api/v1/", include("consult.api.urls")),
    # o/, t/, receipt/ and accessibility/
    path("", include("surveys.web.urls")),
    # s/, r/, results/ and the demo's mailbox.
    path("", include("consult.web.urls")),
]
