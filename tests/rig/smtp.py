"""A mail relay that takes letters and keeps them: plain, with STARTTLS and with TLS from the first byte.

Started by smtp.sh. Every letter becomes NNNNNN.eml in the folder, as it came, and NNNNNN.json, as Python's own mail
parser reads it. Recipients are refused as the file `refuse` says, read anew each time: a line is WORD CODE TEXT.
"""
import argparse
import email
import email.policy
import itertools
import json
import os
import signal
import ssl

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Keeper:
    def __init__(self, folder, refuse):
        self.folder, self.refuse, self.numbers = folder, refuse, itertools.count(1)

    async def handle_RCPT(self, server, session, envelope, address, options):
        try:
            with open(self.refuse, encoding="utf-8") as lines:
                for line in lines:
                    word, answer = line.strip().split(" ", 1)
                    if word in address:
                        return answer
        except FileNotFoundError:
            pass
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        number = f"{next(self.numbers):06}"
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        read = {
            "to": envelope.rcpt_tos,
            "from": envelope.mail_from,
            "headers": {name: str(value) for name, value in parsed.items()},
            "text": parsed.get_content(),
            "defects": [str(defect) for defect in parsed.defects],
            "encrypted": server.transport.get_extra_info("sslcontext") is not None,
            "signed_in": bool(session.authenticated),
        }
        with open(os.path.join(self.folder, number + ".eml"), "wb") as out:
            out.write(envelope.original_content)
        path = os.path.join(self.folder, number + ".json")
        with open(path + ".new", "w", encoding="utf-8") as out:
            json.dump(read, out, ensure_ascii=False)
        os.rename(path + ".new", path)
        return "250 taken"


def main():
    options = argparse.ArgumentParser()
    for name in "folder refuse cert key user password plain starttls implicit".split():
        options.add_argument("--" + name, required=True)
    told = options.parse_args()
    start = max((int(name[:6]) for name in os.listdir(told.folder) if name[:6].isdigit()), default=0)
    keeper = Keeper(told.folder, told.refuse)
    keeper.numbers = itertools.count(start + 1)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(told.cert, told.key)

    def authenticate(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            told.user.encode(), told.password.encode())
        return AuthResult(success=good, handled=False)

    signed_in = {"authenticator": authenticate, "auth_required": True}
    servers = [
        Controller(keeper, hostname="127.0.0.1", port=int(told.plain)),
        Controller(keeper, hostname="127.0.0.1", port=int(told.starttls), tls_context=context,
                   require_starttls=True, **signed_in),
        Controller(keeper, hostname="127.0.0.1", port=int(told.implicit), ssl_context=context,
                   auth_require_tls=False, **signed_in),
    ]
    for server in servers:
        server.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    for server in servers:
        server.stop()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
