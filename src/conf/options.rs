/// What a load depends on beside the files.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// What `@id` lines are compared with, and `${_INSTANCE}`. `None` equals no id.
    pub config_id: Option<&'a str>,
    /// What `${_ENV NAME}` stands for. `None`: whatever it may be, lines with it mean nothing yet.
    pub environment: Option<&'a Environment>,
}

/// A variable's name → its value.
pub type Environment = dyn Fn(&str) -> Option<String>;
