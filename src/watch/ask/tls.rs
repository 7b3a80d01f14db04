//! TLS, with the certificates that this computer trusts (`SSL_CERT_FILE` names others).

use std::sync::{Arc, OnceLock};

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::super::address::Address;
use super::{Trouble, words};

/// Makes connections; the certificates are read when the first is made.
#[derive(Clone, Default)]
pub(super) struct Tls {
    connector: Arc<OnceLock<TlsConnector>>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    pub(super) async fn wrap(
        &self,
        address: &Address,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Trouble> {
        let name = ServerName::try_from(address.host()).map_err(|_| words::unnamed(address))?;
        let connector = self.connector.get_or_init(connector);
        connector.connect(name, stream).await.map_err(|error| words::distrusted(&error))
    }
}

fn connector() -> TlsConnector {
    let mut roots = RootCertStore::empty();
    // Without any every certificate is refused, and the answer says so.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}
