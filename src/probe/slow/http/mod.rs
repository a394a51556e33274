//! `HTTP_GET` and `SSL_GET`: one page is fetched, and held against what is expected of it.

mod chunks;
mod judge;
mod page;
mod request;
mod response;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::connect::connect;
use super::fault;
use super::limit::within;
use super::search::Search;
use super::tls::Client;
use crate::health::Verdict;
use crate::model::check::{Http, Probe, Url};
use page::Page;
use response::{Progress, Response};

/// The time limit is for the whole conversation, from the connection to the last byte.
pub(super) async fn ask(
    probe: &Probe,
    http: &Http,
    page: usize,
    client: &Client,
    search: &Search,
) -> Result<(), Verdict> {
    let Some(url) = http.urls.get(page) else {
        return Err(Verdict::Unasked(format!("{http} has no page {page}")));
    };
    let request = request::request(url, http.version, probe.target);
    let conversation = async {
        let mut stream = connect(probe).await?;
        if !http.tls {
            return fetch(&mut stream, &request, url).await;
        }
        let name = url.server_name.as_ref();
        let mut stream = client.shake_hands(stream, name, probe.target.ip).await?;
        let page = fetch(&mut stream, &request, url).await?;
        if url.tls_compliant {
            // What the server thinks of a session that ends says nothing of the page.
            let _ = stream.shutdown().await;
        }
        Ok(page)
    };
    let page = within(probe.timeout, conversation).await?;
    judge::judge(url, page, probe.timeout, search).await
}

/// What was answered, as far as it is of interest.
async fn fetch(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &[u8],
    url: &Url,
) -> Result<Page, Verdict> {
    let broken = |error: std::io::Error| fault::judge(&error);
    stream.write_all(request).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    let mut response = Response::new(url);
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = match stream.read(&mut buffer).await {
            // A TLS session that is not ended, only cut: few servers end it.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => 0,
            read => read.map_err(broken)?,
        };
        if read == 0 {
            return response.closed();
        }
        if response.read(&buffer[..read])? == Progress::Ended {
            return response.closed();
        }
    }
}
