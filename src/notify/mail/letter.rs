use std::time::SystemTime;

use lettre::message::header::{Date, HeaderName, HeaderValue, Headers};

use crate::health::{Cause, News, Part};
use crate::model::moment::Moment;
use crate::model::notify::Mail;
use crate::model::text::Text;
use crate::notify::format;

/// A mail, and who has not got it yet.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) from: Text,
    pub(super) to: Vec<Text>,
    pub(super) subject: String,
    /// As it travels, header and body, without the end of its last line.
    pub(super) text: String,
    pub(super) written: Moment,
}

/// Who sends letters, to whom, and what this host is called in them.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub(super) mail: Mail,
    pub(super) from: Text,
    pub(super) router: String,
}

impl Sender {
    /// The letter that a change is worth, if any.
    pub(super) fn letter(&self, news: &News, now: Moment) -> Option<Letter> {
        let up = self.state_told(news)?;
        let subject = format::subject(&self.router, &news.about, up)?;
        let text = self.text(&subject, &format::body(news)?);
        Some(Letter {
            from: self.from.clone(),
            to: self.mail.to.clone(),
            subject,
            text,
            written: now,
        })
    }

    /// The state that a mail about it tells of. `None` where none goes out: of a server that turned
    /// its check tells already.
    ///
    /// Source: the callers of `smtp_alert` in keepalived's checkers and `ipwrapper.c`.
    fn state_told(&self, news: &News) -> Option<bool> {
        let server = news.about.server()?;
        let real = |place: usize| server.real_servers.get(place);
        match news.about.part {
            Part::Check {
                real_server,
                turns_server: turned,
                ..
            } => {
                let told = self.mail.tells_of(real(real_server)?);
                let wanted = told && (turned || !self.mail.servers_only);
                wanted.then_some(news.up && turned)
            }
            Part::RealServer(place) => {
                let by_order = !matches!(news.cause, Cause::Checked(_));
                let told = by_order && self.mail.tells_of(real(place)?);
                told.then_some(news.up)
            }
            Part::Quorum { .. } => self.mail.tells_of_quorum(server).then_some(news.up),
        }
    }

    fn text(&self, subject: &str, body: &str) -> String {
        let to: Vec<String> = self.mail.to.iter().map(Text::to_string).collect();
        let mut headers = Headers::new();
        headers.set(Date::new(SystemTime::now()));
        let named = [
            (
                HeaderName::new_from_ascii_str("From"),
                self.from.to_string(),
            ),
            (
                HeaderName::new_from_ascii_str("Subject"),
                subject.to_owned(),
            ),
            (
                HeaderName::new_from_ascii_str("X-Mailer"),
                "lvsctl".to_owned(),
            ),
            (HeaderName::new_from_ascii_str("To"), to.join(", ")),
        ];
        for (name, value) in named {
            headers.insert_raw(HeaderValue::new(name, value));
        }
        // Only the name of a BFD session is not ours, and the letter says nothing of its alphabet.
        let body: String = body
            .chars()
            .map(|letter| if letter.is_ascii() { letter } else { '?' })
            .collect();
        format!("{headers}\r\n{body}")
    }
}
