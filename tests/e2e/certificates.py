"""Certificates for tests, made by the openssl command: two authorities, and what they have signed."""

import subprocess

SCRIPT = r"""
set -e
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $1.key; chmod 600 $1.key; }
ask() { key $1; openssl req -new -key $1.key -out $1.csr -subj "$2"; }
sign() { printf '%s\n' "$4" >$1.ext; openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days $3 -out $1.pem -extfile $1.ext; }
for n in ca other; do key $n; openssl req -x509 -new -key $n.key -out $n.pem -days 3650 -subj "/O=Example/CN=$n"; done
hosts=subjectAltName=DNS:localhost,IP:127.0.0.1
ask server /CN=server; sign server ca 365 $hosts
ask second /CN=second; sign second ca 20 $hosts
ask expired /CN=expired; sign expired ca -1 $hosts
ask elsewhere /CN=elsewhere; sign elsewhere ca 365 subjectAltName=DNS:elsewhere.example
ask foreign /CN=ana; sign foreign other 365 $hosts
ask ana '/O=Example/OU=data/CN=ana'; sign ana ca 365 subjectAltName=email:ana@example.com
ask gateway /CN=gateway; sign gateway ca 365 subjectAltName=URI:spiffe://example/gateway
openssl genrsa -out rsa.key 2048; chmod 600 rsa.key; openssl rsa -in rsa.key -pubout -out rsa.pub
openssl genrsa -out swapped.key 2048; chmod 600 swapped.key; openssl rsa -in swapped.key -pubout -out swapped.pub
"""


class Certificates:
    """Paths: c("ca.pem"), c("ana.key")."""

    def __init__(self, folder):
        self.folder = folder
        done = subprocess.run(["bash", "-c", SCRIPT], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout

    def __call__(self, name):
        return str(self.folder / name)
