//! Machines that are asked over TLS, of OpenSSL's own server.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::host::have;
use crate::servers::{Manner, Servers, http};
use crate::tools::{run, status, watch};

/// Takes what it is told for a wrong request, as nginx does.
const PLAIN: Manner = |mut stream, _| {
    Box::pin(async move {
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(http("400 Bad Request", "").as_bytes()).await;
    })
};

/// A server of the files of a folder, until it is dropped.
struct Server(Child);

impl Server {
    fn start(folder: &Path, port: u16) -> Server {
        let mut command = Command::new("openssl");
        command.args(["s_server", "-quiet", "-WWW", "-cert", "cert.pem", "-key", "key.pem"]);
        command.args(["-accept", &format!("127.0.0.1:{port}")]).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Server(command.spawn().unwrap());
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "it does not listen");
            sleep(Duration::from_millis(50));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn certificates_count() {
    if !have(&["openssl"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut make = Command::new("openssl");
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]);
    make.args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"]);
    make.args(["-keyout", "key.pem", "-out", "cert.pem"]).current_dir(folder.path());
    assert!(make.stderr(Stdio::null()).status().unwrap().success());
    fs::write(folder.path().join("status.json"), status("ready", "READY")).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _server = Server::start(folder.path(), port);
    let plain = Servers::start(vec![PLAIN]);
    let asked = |trusted: &str| {
        let mut command = watch(&["--json", "--timeout", "4s", "--interval", "1s"]);
        command.arg(format!("good=https://127.0.0.1:{port}"));
        command.arg(format!("name=https://localhost:{port}"));
        command.arg(format!("bare=http://127.0.0.1:{port}"));
        command.arg(format!("plain=https://{}", plain.places[0]));
        run(command.env("SSL_CERT_FILE", folder.path().join(trusted)))
    };
    let found = asked("cert.pem");
    assert_eq!(found.last("good")["state"], "ready", "{}", found.out);
    for (student, words) in
        [("name", "its certificate is not trusted"), ("plain", "it does not speak TLS")]
    {
        let last = found.last(student);
        assert_eq!(last["state"], "odd", "{last}");
        assert!(last["details"].as_str().unwrap().contains(words), "{last}");
    }
    assert_ne!(found.last("bare")["state"], "ready");
    let found = asked("none.pem").last("good");
    assert_eq!(found["state"], "odd", "{found}");
    assert!(found["details"].as_str().unwrap().contains("certificate"), "{found}");
}
