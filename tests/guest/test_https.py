"""What asks for a certificate, without a machine."""

import struct
import unittest

from guest import https

# As certbot 2.1 to 5.5 say it.
OUTPUTS = {
    "connection: 192.0.2.77: Fetching http://www.example.org/: Timeout": """\
Saving debug log to /var/log/letsencrypt/letsencrypt.log

Certbot failed to authenticate some domains (authenticator: webroot):
  Domain: www.example.org
  Type:   connection
  Detail: 192.0.2.77: Fetching http://www.example.org/: Timeout

Hint: The Certificate Authority failed to download the temporary challenge files.

Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile
""",
    "Error creating new order :: too many certificates (5) already issued": """\
Saving debug log to /var/log/letsencrypt/letsencrypt.log
An unexpected error occurred:
Error creating new order :: too many certificates (5) already issued
Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile
""",
    "certbot: error: unrecognized arguments: --ip-address": """\
usage:
  certbot [SUBCOMMAND] [options]

certbot: error: unrecognized arguments: --ip-address
""",
}


def answer(*records: bytes) -> bytes:
    """An answer of the DNS to a question for `a.b`."""
    question = b"\1a\1b\0" + struct.pack("!HH", https.A, 1)
    return struct.pack("!6H", 1, 0x8180, 1, len(records), 0, 0) + question + b"".join(records)


def record(kind: int, data: bytes, name: bytes = b"\xc0\x0c") -> bytes:
    """A record of the name in question, or of another."""
    return name + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


class Https(unittest.TestCase):
    """What is read from others."""

    def test_the_reason_is_what_the_authority_says(self) -> None:
        """Not certbot's advice."""
        for reason, output in OUTPUTS.items():
            self.assertEqual(https.reason(output), reason)

    def test_addresses_stand_behind_other_records(self) -> None:
        """An alias comes first, and its name may be a whole one or a pointer."""
        alias, end = record(5, b"\1c\xc0\x0e"), len(answer())
        v4, v6 = record(https.A, b"\xc0\0\2\1"), record(https.AAAA, b"\x20\1" + b"\0" * 13 + b"\1")
        whole = record(https.A, b"\xc0\0\2\2", b"\1c\1b\0")
        found = https.addresses(answer(alias, v4, whole, v6), end)
        self.assertEqual(found, ["192.0.2.1", "192.0.2.2", "2001::1"])
        self.assertEqual(https.addresses(answer(), end), [])

    def test_an_answer_that_is_cut_is_no_answer(self) -> None:
        """It is an exception that the caller knows."""
        whole = answer(record(https.A, b"\xc0\0\2\1"))
        for length in range(len(answer()), len(whole) - 4):
            with self.assertRaises((IndexError, struct.error, OSError, ValueError)):
                https.addresses(whole[:length], len(answer()))


if __name__ == "__main__":
    unittest.main()
