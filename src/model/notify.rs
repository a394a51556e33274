use std::time::Duration;

use super::script::Script;
use super::server::{RealServer, VirtualServer};
use super::text::Text;

/// Who is told of changes by mail, and through which server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// `smtp_server`.
    pub server: Option<MailServer>,
    /// `notification_email`, in file order.
    pub to: Vec<Text>,
    /// `notification_email_from`; `None`: `root` at this host.
    pub from: Option<Text>,
    /// `smtp_helo_name`; `None`: the name of this host.
    pub helo: Option<Text>,
    /// `smtp_connect_timeout`: how long a connection or an answer may take. 1 s to 4,294 s.
    pub timeout: Duration,
    /// `smtp_alert`.
    pub alert: Option<bool>,
    /// `smtp_alert_checker`.
    pub alert_checker: Option<bool>,
    /// `no_checker_emails`: a check that turns is told of only where its server turns with it.
    pub servers_only: bool,
}

/// Where mail is handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    /// An address or a name.
    pub host: Text,
    /// 1 to 65,535.
    pub port: u16,
}

impl MailServer {
    /// Of RFC 5321, section 4.5.4.2.
    pub const PORT: u16 = 25;
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            server: None,
            to: Vec::new(),
            from: None,
            helo: None,
            timeout: Duration::from_secs(30),
            alert: None,
            alert_checker: None,
            servers_only: false,
        }
    }
}

impl Mail {
    /// Whether a mail goes out when the quorum of this virtual server is gained or lost.
    pub fn tells_of_quorum(&self, server: &VirtualServer) -> bool {
        let own = server.details.as_ref().and_then(|said| said.smtp_alert);
        own.or(self.default_alert()).unwrap_or(false)
    }

    /// Whether a mail goes out when this real server or one of its checks turns.
    pub fn tells_of(&self, real: &RealServer) -> bool {
        let own = real.details.as_ref().and_then(|said| said.smtp_alert);
        own.or(self.default_alert()).unwrap_or(true)
    }

    fn default_alert(&self) -> Option<bool> {
        self.alert_checker.or(self.alert)
    }
}

/// A named pipe that every change is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fifo {
    pub path: Text,
    /// Owns it where it is made; `None`: as `script_user` says.
    pub user: Option<Text>,
    /// `None`: the user's own.
    pub group: Option<Text>,
}

/// What `notify_fifo` and `lvs_notify_fifo` say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fifos {
    /// `notify_fifo`: belongs to the keepalived beside us, which makes it and runs its script.
    pub shared: Option<Fifo>,
    /// `lvs_notify_fifo`: ours, made where it is missing.
    pub own: Option<Fifo>,
    /// `lvs_notify_fifo_script`: reads our FIFO.
    pub script: Option<Script>,
}

impl Fifos {
    /// What is run to read our FIFO: its path is the last argument.
    pub fn reader(&self) -> Option<Script> {
        let (script, own) = (self.script.as_ref()?, self.own.as_ref()?);
        let mut words = script.words().to_vec();
        words.push(own.path.clone());
        Script::new(words, script.user.clone(), script.group.clone())
    }
}
