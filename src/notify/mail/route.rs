use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::SmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use tracing::{info, warn};

use super::letter::Letter;
use crate::model::notify::MailServer;
use crate::model::text::Text;

/// The way to the server that takes letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) server: MailServer,
    /// How this host greets.
    pub(super) helo: String,
    /// For the connection and for each answer.
    pub(super) timeout: Duration,
}

impl Route {
    /// Carries letters, all over one connection, as long as there is a next one. Returns those
    /// that are worth another try.
    pub(super) fn carry(&self, mut next: impl FnMut() -> Option<Letter>) -> Vec<Letter> {
        let mut left = Vec::new();
        let mut connection = match self.connect() {
            Ok(connection) => connection,
            Err(error) => {
                left.extend(std::iter::from_fn(next));
                self.complain(&error, left.len());
                return left;
            }
        };
        while let Some(mut letter) = next() {
            let broken = hand_over(&mut connection, &mut letter);
            if !letter.to.is_empty() {
                left.push(letter);
            }
            if let Err(error) = broken {
                left.extend(std::iter::from_fn(&mut next));
                self.complain(&error, left.len());
                return left;
            }
        }
        // All is handed over: how the server takes leave does not matter.
        let _ = connection.quit();
        left
    }

    /// Looks the name up anew each time, and tries all its addresses.
    fn connect(&self) -> Result<SmtpConnection, Error> {
        let host = self.server.host.to_string();
        let helo = ClientId::Domain(self.helo.clone());
        let server = (host.as_str(), self.server.port);
        SmtpConnection::connect(server, Some(self.timeout), &helo, None, None)
    }

    fn complain(&self, error: &Error, waiting: usize) {
        let MailServer { host, port } = &self.server;
        warn!(%host, port, error = describe(error), waiting, "mail cannot be handed over now");
    }
}

/// An error with what is behind it.
fn describe(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(behind) = source {
        let more = behind.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = behind.source();
    }
    text
}

/// Hands one letter over, and leaves in it those to whom it has yet to go. An error means that the
/// connection is of no more use.
///
/// Addresses go as the file has them: of one without a domain the server knows what it means.
fn hand_over(connection: &mut SmtpConnection, letter: &mut Letter) -> Result<(), Error> {
    let to = std::mem::take(&mut letter.to);
    let from = format!("MAIL FROM:<{}>\r\n", letter.from);
    if let Some(answer) = answered(connection.command(from))? {
        letter.to = settle(&answer, to, &letter.subject);
        return reset(connection);
    }
    let mut taken = Vec::new();
    for to in to {
        match answered(connection.command(format!("RCPT TO:<{to}>\r\n")))? {
            None => taken.push(to),
            Some(answer) => letter.to.extend(settle(&answer, vec![to], &letter.subject)),
        }
    }
    if taken.is_empty() {
        return reset(connection);
    }
    let mut answer = answered(connection.command("DATA\r\n"))?;
    if answer.is_none() {
        answer = answered(connection.message(letter.text.as_bytes()))?;
    }
    match answer {
        None => info!(subject = letter.subject, "mail sent"),
        Some(answer) => {
            letter.to.extend(settle(&answer, taken, &letter.subject));
            reset(connection)?;
        }
    }
    Ok(())
}

/// What the server answered if it is a refusal; any other error ends the connection.
fn answered<T>(result: Result<T, Error>) -> Result<Option<Error>, Error> {
    match result {
        Ok(_) => Ok(None),
        Err(error) if error.is_transient() || error.is_permanent() => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// Those of `to` who are worth another try after this refusal.
fn settle(answer: &Error, to: Vec<Text>, subject: &str) -> Vec<Text> {
    if answer.is_transient() {
        return to;
    }
    let error = describe(answer);
    for to in to {
        warn!(%to, error, subject, "a mail is refused");
    }
    Vec::new()
}

fn reset(connection: &mut SmtpConnection) -> Result<(), Error> {
    answered(connection.command("RSET\r\n")).map(drop)
}
