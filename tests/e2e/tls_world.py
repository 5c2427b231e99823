"""The configuration of world.py over TLS only, with a user for each way to prove who one is.

    ana   mysql_native_password        bo, own   caching_sha2_password
    etl   the certificate client.pem   far       a token, signed with the key beside the configuration
"""

import world
from test_sha2 import stored


def config(port, provider, certificates, folder):
    """`folder` gets the file of the tokens' key."""
    key = folder / "token.key"
    key.touch(0o600)
    key.write_text("k" * 32)
    made = world.config(port)
    made["settings"] |= {"workers": 1, "tls_provider": provider, "max_login_failures": 0, "token_keys": [f"file:{key}"]}
    made["listeners"][0]["tls"] = {"mode": "required", "certificate": certificates("server.pem"),
                                   "key": "file:" + certificates("server.key"), "client_ca": certificates("ca.pem")}
    made["users"]["bo"]["auth"] = {"caching_sha2_password": stored("bo's")}
    made["users"]["own"]["auth"] = {"caching_sha2_password": stored("own's")}
    made["users"]["etl"]["auth"] = {"certificate": {"subject": "CN=ana,OU=data,O=Example"}}
    made["users"]["far"] = {"auth": {"token": True}}
    return made
