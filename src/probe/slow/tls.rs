//! The TLS of `SSL_GET`: 1.2 and 1.3, no session is resumed.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error,
    PeerIncompatible, RootCertStore, SignatureScheme,
};

use super::fault;
use crate::health::Verdict;
use crate::model::text::Text;

/// Whose certificates are accepted.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// Anybody's, expired or for another name, as keepalived has it.
    #[default]
    Anyone,
    /// Those that lead to one of these, are valid now and name the server: as its name is in the
    /// handshake, or its address.
    Roots(Arc<RootCertStore>),
}

impl Trust {
    /// The roots in a PEM file; at least one.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        let found = CertificateDer::pem_file_iter(path).map_err(io::Error::other)?;
        for root in found {
            let root = root.map_err(io::Error::other)?;
            roots.add(root).map_err(io::Error::other)?;
        }
        if roots.is_empty() {
            return Err(io::Error::other("it holds no certificate"));
        }
        Ok(Self::Roots(Arc::new(roots)))
    }
}

/// Who begins a handshake.
pub(super) struct Client(TlsConnector);

impl Client {
    pub(super) fn new(trust: Trust) -> io::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let config = match trust {
            Trust::Roots(roots) => config.with_root_certificates(roots),
            Trust::Anyone => config
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyCertificate)),
        };
        let mut config = config.with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(Self(Arc::new(config).into()))
    }

    /// The handshake. A name that is none in DNS is not told, and neither is an address.
    pub(super) async fn shake_hands(
        &self,
        stream: TcpStream,
        name: Option<&Text>,
        ip: IpAddr,
    ) -> Result<TlsStream<TcpStream>, Verdict> {
        let name = name.and_then(dns_name);
        let name = name.unwrap_or(ServerName::IpAddress(ip.into()));
        let begun = self.0.connect(name, stream).await;
        begun.map_err(|error| Verdict::Failed(words(&error)))
    }
}

/// Without the port that a `virtualhost` may have.
fn dns_name(name: &Text) -> Option<ServerName<'static>> {
    let name = std::str::from_utf8(name.as_bytes()).ok()?;
    let name = name.split(':').next().unwrap_or(name);
    ServerName::try_from(name.to_owned()).ok()
}

/// Why there is no TLS session.
fn words(error: &io::Error) -> String {
    let of_tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match of_tls {
        Some(
            Error::AlertReceived(AlertDescription::ProtocolVersion)
            | Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
        ) => "the server speaks only TLS 1.1 or older".to_owned(),
        Some(Error::AlertReceived(alert)) => {
            format!("the server refuses the TLS handshake: {alert:?}")
        }
        Some(Error::InvalidMessage(_)) => "the answer is no TLS".to_owned(),
        Some(Error::InvalidCertificate(why)) => {
            format!("the certificate is {}", of_certificate(why))
        }
        Some(error) => format!("the TLS handshake fails: {error}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the server closed the connection in the TLS handshake".to_owned()
        }
        None => fault::words(error),
    }
}

fn of_certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "not valid yet".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "for another name".to_owned()
        }
        CertificateError::UnknownIssuer => "from nobody who is trusted".to_owned(),
        error => format!("not accepted: {error}"),
    }
}

/// Takes every certificate, and so every signature made with it.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    /// Whatever a server may have: none of them is computed.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ED25519,
            SignatureScheme::ED448,
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PSS_SHA384,
            SignatureScheme::RSA_PSS_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
            SignatureScheme::RSA_PKCS1_SHA1,
            SignatureScheme::ECDSA_SHA1_Legacy,
        ]
    }
}
