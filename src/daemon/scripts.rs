use std::any::Any;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::AbortHandle;
use tracing::{info, warn};

use crate::lint::host::User;
use crate::model::director::Director;
use crate::model::script::{Script, ScriptRules};
use crate::model::text::Text;
use crate::notify::{self, Notifier, Owner, Patience};
use crate::sys::scripts::{self, Launcher, OURSELVES, Scripts, Vetted};
use crate::sys::{Here, host};

/// The scripts of a file, or the sentence that says why one cannot be run here. `ours` is who the
/// daemon was started as: so does the process that runs them.
pub(super) fn vet(director: &Director, ours: User) -> Result<Vetted, String> {
    let vetted = Vetted::new(&Here, director, ours).map_err(|unfit| {
        let sentences: Vec<String> = unfit.iter().map(ToString::to_string).collect();
        sentences.join("; ")
    })?;
    for warning in vetted.warnings() {
        warn!("root runs a script though {warning} (remedy: enable_script_security, script_user)");
    }
    Ok(vetted)
}

/// Starts what keeps the privileges that scripts need, if there are any scripts.
pub(super) fn launcher(vetted: &Vetted) -> Result<Option<Launcher>, String> {
    let wanted = (!vetted.is_empty()).then(|| Launcher::start(Path::new(OURSELVES)));
    wanted.transpose().map_err(unstarted)
}

/// Starts what runs them.
pub(super) fn start(launcher: Option<Launcher>, vetted: Vetted) -> Result<Scripts, String> {
    match launcher {
        Some(launcher) => Scripts::with(launcher, vetted).map_err(unstarted),
        None => Ok(Scripts::default()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn unstarted(error: io::Error) -> String {
    format!("cannot start the process that runs scripts: {error}")
}

/// Takes the scripts of a new file up, or says why that cannot be.
pub(super) fn take_up(scripts: &Scripts, director: &Director, ours: User) -> Result<(), String> {
    let vetted = vet(director, ours)?;
    scripts.replace(vetted).map_err(|error| error.to_string())
}

/// Who tells others of changes.
pub(super) fn notifier(scripts: &Scripts, director: &Director) -> Notifier {
    let keeper = Rc::new(Keeper {
        scripts: scripts.clone(),
        rules: director.globals.scripts.clone(),
    });
    Notifier::start(director, keeper, Patience::default())
}

/// Keeps the readers of FIFOs.
struct Keeper {
    scripts: Scripts,
    rules: ScriptRules,
}

/// A script that runs until it is dropped.
struct Reader(AbortHandle);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A reader has no time limit: this is as good as none.
const FOR_EVER: Duration = Duration::from_hours(24 * 365 * 100);

impl notify::Scripts for Keeper {
    fn start(&self, script: &Script) -> Result<Box<dyn Any + Send>, String> {
        let (scripts, script) = (self.scripts.clone(), script.clone());
        let task = tokio::spawn(async move {
            match scripts.run(&script, FOR_EVER).await {
                Ok(ran) => {
                    info!(%script, ended = %ran.outcome, "the reader of the FIFO ended; a reload that changes it starts it again");
                }
                Err(error) => warn!(%script, %error, "the reader of the FIFO does not run"),
            }
        });
        Ok(Box::new(Reader(task.abort_handle())))
    }

    fn owner(&self, user: Option<&Text>, group: Option<&Text>) -> Result<Owner, String> {
        let account = scripts::account(&Here, (user, group), &self.rules, host::user());
        let (user, _) =
            account.map_err(|(reason, remedy)| format!("{reason} (remedy: {remedy})"))?;
        Ok(Owner {
            user: user.user,
            group: user.group,
        })
    }
}
