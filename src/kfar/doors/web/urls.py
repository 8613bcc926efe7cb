"""Every page."""

from __future__ import annotations

from django.urls import path

from kfar.doors.web.views import (
    accounts,
    asking,
    changes,
    consultations,
    demo,
    gate,
    home,
    journey,
    language,
    live,
    logs,
    mailbox,
    mine,
    people,
    promises,
    questions,
    screening,
    texting,
    voice,
    voices,
    voting,
)

app_name = "web"
urlpatterns = [
    path("", home.home, name="home"),
    # hear
    path("journey/", journey.journey, name="journey"),
    path("me/", journey.me, name="me"),
    path("me/consent/", journey.consent, name="consent"),
    path("me/name/", mine.rename, name="rename"),
    path("me/names/drop/", mine.drop, name="drop"),
    path("me/take/", mine.take, name="take"),
    path("me/erase/", mine.erase, name="erase"),
    path("me/erase/code/", mine.prove, name="prove"),
    path("erased/<uuid:erasure_id>/", mine.erased, name="erased"),
    path("say/", voice.say, name="say"),
    path("say/<uuid:touchpoint_id>/", voice.say, name="say-about"),
    path("good/<str:token>/", voice.good, name="good"),
    path("gate/", gate.gate, name="gate"),
    # know, act
    path("voices/", voices.waiting, name="voices"),
    path("voices/<uuid:voice_id>/", voices.one, name="voice"),
    path("voices/<uuid:voice_id>/remedy/", voices.remedy, name="remedy"),
    path("voices/<uuid:voice_id>/undo/<uuid:remedy_id>/", voices.undo, name="undo"),
    path("voices/<uuid:voice_id>/hand-on/", voices.hand_on, name="hand-on"),
    path("customers/<uuid:customer_id>/erase/", mine.erase_for, name="erase-for"),
    path("voices/<uuid:voice_id>/promise/", voices.promise, name="promise"),
    path("people/", people.people, name="people"),
    path("people/proposals/<uuid:proposal_id>/", people.proposal, name="proposal"),
    path("people/<uuid:customer_id>/", people.person, name="person"),
    path("people/<uuid:customer_id>/unmerge/<uuid:merge_id>/", people.unmerge, name="unmerge"),
    path("customers/<uuid:customer_id>/", accounts.customer, name="customer"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<uuid:account_id>/", accounts.account, name="account"),
    path("accounts/<uuid:account_id>/join/", accounts.join, name="join"),
    path("accounts/<uuid:account_id>/leave/<uuid:customer_id>/", accounts.leave, name="leave"),
    # keep
    path("promises/", promises.record, name="promises"),
    path("promises/<uuid:promise_id>/keep/", promises.keep, name="keep"),
    # decide
    path("questions/", questions.questions, name="questions"),
    path("questions/new/", asking.ask, name="ask"),
    path("questions/<uuid:question_id>/", questions.question, name="question"),
    path("questions/<uuid:question_id>/answer/", questions.answer, name="answer"),
    path("questions/<uuid:question_id>/live/", live.live, name="live"),
    path("log/<uuid:log>/receipt/", logs.receipt, name="receipt"),
    path("log/<uuid:log>/cosign", logs.cosign),
    path(
        "log/<uuid:log>/consistency/<int:before>/<int:size>", logs.consistency, name="consistency"
    ),
    path("log/<uuid:log>/<str:name>", logs.published, name="published"),
    path("questions/<uuid:question_id>/withdraw/", asking.withdraw, name="withdraw"),
    path("ballot/<str:token>/", questions.ballot, name="ballot"),
    path("changes/", changes.changes, name="changes"),
    path("changes/new/", changes.announce, name="announce"),
    path("changes/agreements/", changes.recorded, name="agreements"),
    path("changes/agreements/<uuid:agreement_id>/end/", changes.end, name="agreement-end"),
    path("changes/files/<uuid:file_id>/", changes.file, name="change-file"),
    path("changes/<uuid:change_id>/", changes.change, name="change"),
    path("changes/<uuid:change_id>/answer/", changes.mine, name="change-mine"),
    path("changes/<uuid:change_id>/reply/<int:answer_id>/", changes.reply, name="change-reply"),
    path("changes/<uuid:change_id>/withdraw/", changes.withdraw, name="change-withdraw"),
    path("change/<str:token>/", changes.answer, name="change-answer"),
    path(
        "change/<str:token>/receipt/<uuid:account_id>/",
        changes.receipt,
        name="answer-receipt",
    ),
    path("change/<str:token>/files/<uuid:file_id>/", changes.answer_file, name="answer-file"),
    path("ballot/<str:token>/receipt/", questions.receipt, name="my-receipt"),
    path("pictures/<str:name>/", questions.picture, name="picture"),
    path("consultations/", consultations.consultations, name="consultations"),
    path("consultations/new/", consultations.consult, name="consult"),
    path("consultations/by/<str:token>/", consultations.by_link, name="consult-by"),
    path("consultations/<uuid:consultation_id>/", consultations.consultation, name="consultation"),
    path("consultations/<uuid:consultation_id>/vote/", consultations.vote, name="consult-vote"),
    path("consultations/<uuid:consultation_id>/say/", consultations.say, name="consult-say"),
    path(
        "consultations/<uuid:consultation_id>/receipt/",
        consultations.receipt,
        name="consult-receipt",
    ),
    path("consultations/<uuid:consultation_id>/results/", consultations.results, name="consulted"),
    path(
        "consultations/<uuid:consultation_id>/statements/", consultations.moderate, name="moderate"
    ),
    *[
        path(
            f"consultations/<uuid:consultation_id>/{name}",
            consultations.published,
            {"name": name},
            name=name,
        )
        for name in ("votes.csv", "outcome.json")
    ],
    path("questions/<uuid:question_id>/screen/", screening.screen, name="screen"),
    path("vote/<uuid:question_id>/", voting.vote, name="vote"),
    path("vote/<uuid:question_id>/mine/", voting.mine, name="vote-mine"),
    path("vote/<uuid:question_id>/account/", voting.account, name="vote-account"),
    path("vote/<uuid:question_id>/code/", voting.code, name="vote-code"),
    path("sms/twilio", texting.twilio, name="twilio"),
    path("language/", language.choose, name="language"),
    # the demo
    path("demo/enter/<str:token>/", demo.enter, name="demo-enter"),
    path("demo/mail/", mailbox.mailbox, name="mailbox"),
    path("demo/mail/<str:key>/", mailbox.mailbox, name="mail"),
]
