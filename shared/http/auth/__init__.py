"""Who calls: bearer tokens (JWT), checked by every service on its own; and the keys of everybody who signs something."""

from shared.http.auth.callers import ROLES, SCOPES, Caller, Role
from shared.http.auth.given import (
    Assertion,
    AssertionIsRefused,
    KeyIsUnusable,
    check_assertion,
    named_client,
    public_jwk,
)
from shared.http.auth.issuers import ALGORITHMS, Issuer
from shared.http.auth.keys import KeyIsMissing, add_keys, make_keys, published_keys
from shared.http.auth.signing import SignatureIsWrong, Signer, read_signed
from shared.http.auth.tokens import Tokens, issue_token

__all__ = [
    "ALGORITHMS",
    "ROLES",
    "SCOPES",
    "Assertion",
    "AssertionIsRefused",
    "Caller",
    "Issuer",
    "KeyIsMissing",
    "KeyIsUnusable",
    "Role",
    "SignatureIsWrong",
    "Signer",
    "Tokens",
    "add_keys",
    "check_assertion",
    "issue_token",
    "make_keys",
    "named_client",
    "public_jwk",
    "published_keys",
    "read_signed",
]
