"""What the checks share: the demo client, the discovery document, gRPC stubs made from the contract at run time."""

import importlib
import os
import pathlib
import ssl
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import grpc
import grpc_tools
import pytest
import requests
from grpc_tools import protoc

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Demo:
    """demo.env as `mintage dev` writes it."""

    values: dict

    def __getattr__(self, name):
        return self.values[name.upper()]

    @property
    def https_issuer(self):
        """The issuer an HTTPS client sees: the origin it calls, with a slash behind."""
        url = urlsplit(self.mintage_https_token_url)
        return f"{url.scheme}://{url.netloc}/"


@pytest.fixture(scope="session")
def demo():
    lines = pathlib.Path(os.environ["MINTAGE_DEMO_ENV"]).read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return Demo({name: value.strip("'\"") for name, value in pairs})


@pytest.fixture(scope="session")
def discovery(demo):
    """The OpenID discovery document, read over HTTPS as any client would."""
    answer = requests.get(f"{demo.https_issuer}.well-known/openid-configuration", verify=demo.mintage_ca, timeout=10)
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture(scope="session")
def tls(demo):
    return ssl.create_default_context(cafile=demo.mintage_ca)


@pytest.fixture(scope="session")
def stubs(tmp_path_factory):
    """Generates Python from proto/ and gives a loader: stubs("token/v1/token") is (messages, services)."""
    out = tmp_path_factory.mktemp("stubs")
    proto = REPOSITORY / "proto"
    known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    files = sorted(str(path.relative_to(proto)) for path in proto.rglob("*.proto"))
    arguments = ["protoc", f"-I{proto}", f"-I{known}", f"--python_out={out}", f"--grpc_python_out={out}", *files]
    assert protoc.main(arguments) == 0
    sys.path.insert(0, str(out))

    def load(file):
        module = "mintage." + file.replace("/", ".")
        return importlib.import_module(module + "_pb2"), importlib.import_module(module + "_pb2_grpc")

    yield load
    sys.path.remove(str(out))


@pytest.fixture(scope="session", params=["plaintext", "tls"])
def channel(request, demo):
    """The same port speaks both."""
    if request.param == "plaintext":
        made = grpc.insecure_channel(demo.mintage_grpc)
    else:
        ca = pathlib.Path(demo.mintage_ca).read_bytes()
        made = grpc.secure_channel(demo.mintage_grpc, grpc.ssl_channel_credentials(root_certificates=ca))
    with made:
        grpc.channel_ready_future(made).result(timeout=10)
        yield made


@pytest.fixture(scope="session")
def now():
    return lambda: int(time.time())
