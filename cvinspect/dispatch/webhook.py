"""Webhook: HTTP POST of structured CloudEvents, signed.

The signature is that of Standard Webhooks 1.0 (https://www.standardwebhooks.com), for which there are verifiers in most
languages: `webhook-signature: v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cvinspect.dispatch import Answer
from cvinspect.dispatch.answers import Success, contradiction
from cvinspect.dispatch.cloudevents import CONTENT_TYPE, CloudEvent
from cvinspect.dispatch.http import HttpSender, Reply
from cvinspect.dispatch.secrets import checked_url
from cvinspect.errors import ConfigError, DeliveryDelayed

_PREFIX = "whsec_"
_LEAST_BYTES = 16


class Webhook:
    """A sink that takes an event by answering 2xx, unless the body says otherwise.

    408, 425, 429 and 5xx are tried again, after as long as `Retry-After` asks; other 4xx go to the dead letters. A 2xx
    whose body is not what `success` asks for, or without that a web page or a problem, is tried again like
    a 500.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        secret: str | None,
        seconds: Callable[[], float],
        now: Callable[[], datetime],
        ca_file: Path | None = None,
        read_s: float = 10.0,
        success: Success | None = None,
    ) -> None:
        """`secret` signs; it never leaves this machine. Raises ConfigError for a faulty address or secret."""
        self.name = name
        self._success = success
        self._now = now
        self._key = None if secret is None else _key(secret)
        secrets = () if secret is None else (secret, secret.removeprefix(_PREFIX))
        address = checked_url(url, carries_secret=False)
        self._sender = HttpSender(address, seconds=seconds, now=now, secrets=secrets, ca_file=ca_file, read_s=read_s)

    def deliver(self, event: CloudEvent, *, receipt: str | None) -> Answer:  # noqa: ARG002  nothing to go on from
        """Post the event; raises DeliveryDelayed or DeliveryRejected."""
        body = event.structured()
        reply = self._sender.post(body, {"content-type": CONTENT_TYPE, **self._signature(event, body)})
        fault = self._fault(reply)
        if fault is not None:
            said = self._sender.said(reply)
            line = f"{self._sender.place}: answered {reply.status}, but {fault}" + (f": {said}" if said else "")
            raise DeliveryDelayed(line, one_event=True)
        return Answer()

    def _fault(self, reply: Reply) -> str | None:
        """What in the body speaks against a success."""
        if self._success is None:
            return contradiction(reply.body, reply.content_type)
        if not reply.is_whole:
            return "its body broke off, or is longer than 64 KiB"
        return self._success.fault(reply.body)

    def close(self) -> None:
        """Release the connections; safe to call twice."""
        self._sender.close()

    def _signature(self, event: CloudEvent, body: bytes) -> dict[str, str]:
        sent_at = str(int(self._now().timestamp()))
        message_id = event.message_id
        headers = {"webhook-id": message_id, "webhook-timestamp": sent_at}
        if self._key is not None:
            headers["webhook-signature"] = signature(self._key, message_id, sent_at, body)
        return headers


def signature(key: bytes, message_id: str, sent_at: str, body: bytes) -> str:
    """`v1,` and base64; `sent_at` in seconds since 1970.

    >>> key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    >>> signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = f"{message_id}.{sent_at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    """The key in a secret: base64 after `whsec_`, else the letters themselves."""
    try:
        key = (
            base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
            if secret.startswith(_PREFIX)
            else secret.encode()
        )
    except binascii.Error as error:
        raise ConfigError("webhook secret: what follows whsec_ is no base64") from error
    if len(key) < _LEAST_BYTES:
        raise ConfigError(f"webhook secret: {len(key)} bytes are too few; allowed: {_LEAST_BYTES} or more")
    return key
