"""The addresses of sign-in: of allauth's pages those we use, and no other."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path
from django.views.generic import RedirectView

from kfar.doors.web.signin.views import GiveCode
from kfar.doors.web.signin.views import with_password as own

to_password = RedirectView.as_view(pattern_name="account_login")
to_start = RedirectView.as_view(pattern_name="account_request_login_code", query_string=True)

urlpatterns = [
    # customers
    path("sign-in/", account.request_login_code, name="account_request_login_code"),
    path("sign-in/code/", GiveCode.as_view(), name="account_confirm_login_code"),
    path("sign-up/", to_start, name="account_signup"),
    path("sign-out/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    # people who work here: coming in
    path("password/", account.login, name="account_login"),
    path("password/second/", mfa.authenticate, name="mfa_authenticate"),
    path("passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path(
        "password/forgotten/sent/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "password/choose/<str:uidb36>/<str:key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/chosen/", to_password, name="account_reset_password_from_key_done"),
    # … and looking after it
    path("password/change/", own(account.password_change), name="account_change_password"),
    path("again/", own(account.reauthenticate), name="account_reauthenticate"),
    path("again/code/", own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path(
        "again/passkey/",
        own(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("second/", own(mfa.index), name="mfa_index"),
    path("second/app/", own(totp.activate_totp), name="mfa_activate_totp"),
    path("second/app/remove/", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second/codes/", own(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "second/codes/file/",
        own(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path(
        "second/codes/new/",
        own(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("second/passkeys/", own(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("second/passkeys/add/", own(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("second/passkeys/<int:pk>/", own(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path(
        "second/passkeys/<int:pk>/remove/",
        own(passkeys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
]
