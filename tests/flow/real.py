"""Real servers in the backend's namespace: nginx with TLS sites, sshd; and keys for both."""
import os
import shutil

from netns import run
from waiting import wait_for

NGINX = """
daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem;
  server {{
    listen {v4} ssl http2; listen {v6} ssl http2;
    location / {{ return 200 "{name} $remote_addr $remote_port $ssl_server_name\\n"; }}
    location /big {{ alias {dir}/big; }}
  }}
}}
"""

PLAIN = """
daemon off; master_process off; pid {dir}/nginx-{name}.pid; error_log {dir}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  server {{
    listen {v4}; listen {v6}; listen {v4h2} http2; listen {v6h2} http2;
    location / {{ return 200 "{name} $remote_addr $remote_port $host $request_method $request_uri\\n"; }}
  }}
}}
"""

SSHD = """
ListenAddress {v4}
ListenAddress {v6}
HostKey {dir}/host_key
AuthorizedKeysFile {dir}/user_key.pub
PidFile {dir}/sshd.pid
PermitRootLogin yes
StrictModes no
UsePAM no
"""


def is_installed(*programs):
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return all(shutil.which(program, path=path) for program in programs)


def wait_listening(ns, family, address, port):
    def connects():
        with ns.socket(family.af) as probe:
            return probe.connect_ex((address, port)) == 0
    wait_for(connects, 10, f"a listener on {address} {port}")


def certificate(lab, names):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-days", "2", "-subj", "/CN=flow test", "-addext",
        "subjectAltName=" + ",".join(f"DNS:{n}" for n in names),
        "-keyout", lab.path("key.pem"), "-out", lab.path("cert.pem"))
    return lab.path("cert.pem")


def nginx(lab, name, families, number, port=443):
    """A TLS site on backend address `number` that answers "NAME ADDRESS PORT SNI"."""
    v4, v6 = (f.endpoint(f.backends[number], port) for f in families)
    file = lab.write(f"nginx-{name}.conf", NGINX.format(dir=lab.dir, name=name, v4=v4, v6=v6))
    lab.start(lab.backend, "nginx", "-c", file, "-e", lab.path("nginx-error.log"))
    for family in families:
        wait_listening(lab.backend, family, family.backends[number], port)


def plain_nginx(lab, name, families, number, port=80, h2_port=8080):
    """A site without TLS, HTTP/2 on a port of its own; answers "NAME ADDRESS PORT HOST METHOD TARGET"."""
    at = {key: f.endpoint(f.backends[number], p)
          for f in families for key, p in ((f"v{f.version}", port), (f"v{f.version}h2", h2_port))}
    file = lab.write(f"nginx-{name}.conf", PLAIN.format(dir=lab.dir, name=name, **at))
    lab.start(lab.backend, "nginx", "-c", file, "-e", lab.path("nginx-error.log"))
    for family in families:
        wait_listening(lab.backend, family, family.backends[number], port)


def sshd(lab, families, number, port=22):
    """An ssh server for root with the key lab.path("user_key")."""
    for key in ("host_key", "user_key"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", lab.path(key))
    os.makedirs("/run/sshd", exist_ok=True)
    v4, v6 = (f.endpoint(f.backends[number], port) for f in families)
    file = lab.write("sshd_config", SSHD.format(dir=lab.dir, v4=v4, v6=v6))
    lab.start(lab.backend, "/usr/sbin/sshd", "-D", "-e", "-f", file, stderr=open(lab.path("sshd.log"), "wb"))
    for family in families:
        wait_listening(lab.backend, family, family.backends[number], port)


def ssh_options(lab):
    """Those with which ssh uses that key, and nothing of this box."""
    options = ("BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR",
               "IdentitiesOnly=yes")
    return ("-F", "none", "-i", lab.path("user_key"), *(word for option in options for word in ("-o", option)))


def ssh(lab, family, port, command):
    """Run a command over ssh from the client's namespace, return what it printed."""
    return lab.client.run("ssh", *ssh_options(lab), "-p", str(port), f"root@{family.router}", command)
