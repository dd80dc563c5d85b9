//! TLS for the connections that the inbox makes: to services and to a database.

use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore};

/// The settings of TLS. They trust the certificate authorities that this machine trusts.
pub fn client() -> Arc<ClientConfig> {
    // Created at the first call, because reading all certificates takes a moment.
    static CLIENT: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let config = || -> Result<ClientConfig, Error> {
        let mut roots = RootCertStore::empty();
        // A certificate that cannot be read is not trusted.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
    };
    Arc::clone(CLIENT.get_or_init(|| Arc::new(config().expect("the provider knows the default versions of TLS"))))
}
