//! A server with TLS whose certificate expired years ago, from a certificate authority that is good.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

/// The server; its thread waits for connections until the tests end.
pub struct Expired {
    /// Its address.
    pub url: String,
    /// The good certificate authority.
    pub ca_file: PathBuf,
    _dir: TempDir,
}

const CA: &str = "[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\nnew_certs_dir = .\ncertificate = ca.pem\n\
                  private_key = ca.key\nrand_serial = yes\ndefault_md = sha256\npolicy = p\ncopy_extensions = copy\n\
                  [p]\ncommonName = supplied\n";

/// Makes the certificates and serves.
pub fn serve() -> Expired {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("ca.cnf"), CA).expect("written");
    std::fs::write(dir.path().join("index.txt"), "").expect("written");
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(dir.path(), &format!("req -x509 {key} -keyout ca.key -out ca.pem -days 30 -subj /CN=Good"));
    let name = "-subj /CN=ldap -addext subjectAltName=IP:127.0.0.1";
    openssl(dir.path(), &format!("req {key} -keyout key.pem -out request.pem {name}"));
    let times = "-startdate 20200101000000Z -enddate 20200201000000Z";
    openssl(dir.path(), &format!("ca -batch -config ca.cnf {times} -in request.pem -out cert.pem -notext"));
    let certificate = CertificateDer::from_pem_file(dir.path().join("cert.pem")).expect("PEM");
    let key = PrivateKeyDer::from_pem_file(dir.path().join("key.pem")).expect("PEM");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they belong together");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("ldaps://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || greet_everybody(&listener, &Arc::new(config)));
    Expired { url, ca_file: dir.path().join("ca.pem"), _dir: dir }
}

/// Everybody hangs up when they see the certificate.
fn greet_everybody(listener: &TcpListener, config: &Arc<ServerConfig>) {
    for stream in listener.incoming() {
        let (Ok(mut stream), Ok(mut tls)) = (stream, ServerConnection::new(Arc::clone(config))) else {
            return;
        };
        while tls.is_handshaking() && tls.complete_io(&mut stream).is_ok() {}
    }
}

fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl").current_dir(dir).args(arguments.split(' ')).output();
    let output = output.expect("openssl runs");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}
