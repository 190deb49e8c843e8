"""What clients need before they say anything: keys, certificates and settings, put into their homes."""
import pathlib
import subprocess


def certificate(home):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a.seed.example", "-days",
                    "2", "-keyout", f"{home}/key", "-out", f"{home}/cert"], check=True, capture_output=True)


def openvpn_keys(home, _):
    certificate(home)
    for words in (["secret", f"{home}/ta"], ["tls-crypt-v2-server", f"{home}/v2s"],
                  ["tls-crypt-v2-client", f"{home}/v2"], ["tls-crypt-v2-client", f"{home}/v2m", "bWV0YWRhdGE="]):
        key = ["--tls-crypt-v2", f"{home}/v2s"] if words[0].endswith("client") else []
        subprocess.run(["openvpn", *key, "--genkey", *words], check=True, capture_output=True)


def tinc_home(home, port):
    for name, text in (("tinc.conf", "Name = seed\nConnectTo = other\nDeviceType = dummy\n"),
                       ("hosts/seed", ""), ("hosts/other", f"Address = 127.0.0.1 {port}\n")):
        pathlib.Path(home, name).parent.mkdir(exist_ok=True)
        pathlib.Path(home, name).write_text(text, "utf-8")
    subprocess.run(["tincd", "-c", home, "-K", "1024"], stdin=subprocess.DEVNULL, check=True, capture_output=True)
