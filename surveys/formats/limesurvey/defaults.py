"""What a survey that we write is set to in LimeSurvey: nothing that tells who answered, all else as is usual there."""

# LimeSurvey gives a survey a free number when this one is taken.
NUMBER = "100001"
SETTINGS = {
    "gsid": "1", "admin": "inherit", "adminemail": "inherit", "anonymized": "Y", "format": "G", "savetimings": "N",
    "template": "inherit", "datestamp": "N", "usecookie": "I", "allowregister": "I", "allowsave": "I",
    "autonumber_start": "0", "autoredirect": "I", "allowprev": "Y", "printanswers": "I", "ipaddr": "N",
    "ipanonymize": "N", "refurl": "N", "showsurveypolicynotice": "0", "publicstatistics": "N", "publicgraphs": "N",
    "listpublic": "N", "htmlemail": "I", "sendconfirmation": "I", "tokenanswerspersistence": "I", "assessments": "N",
    "usecaptcha": "E", "usetokens": "N", "bounce_email": "inherit", "emailresponseto": "inherit",
    "emailnotificationto": "inherit", "tokenlength": "-1", "showxquestions": "I", "showgroupinfo": "I",
    "shownoanswer": "I", "showqnumcode": "I", "bounceprocessing": "N", "showwelcome": "I", "showprogress": "I",
    "questionindex": "-1", "navigationdelay": "-1", "nokeyboard": "I", "alloweditaftercompletion": "I",
}  # fmt: skip
