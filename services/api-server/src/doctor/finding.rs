use serde::Serialize;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Works, and somebody should look at it.
    Warn,
    /// The cause of something that does not work.
    Fail,
    /// Not looked at: nobody asked for it, or something else has to be mended first.
    Skip,
}

impl Verdict {
    /// Four letters, for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
            Self::Skip => "SKIP",
        }
    }
}

/// What a check has found. Its texts hold no token, no password and no value of a claim but `iss`, `aud`, `exp`, `alg` and `kid`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name: the code of the API's problem where there is one for it, else the check's id.
    pub id: Option<&'static str>,
    /// How the check ended.
    pub verdict: Verdict,
    /// What was found, in one line.
    pub text: String,
    /// Why that is so, or why it matters.
    pub why: Option<String>,
    /// What to do about it.
    pub fix: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn pass(text: impl Into<String>) -> Self {
        Self::new(Verdict::Pass, text.into())
    }

    /// Somebody should look at it.
    pub fn warn(text: impl Into<String>) -> Self {
        Self::new(Verdict::Warn, text.into())
    }

    /// The cause of something.
    pub fn fail(text: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, text.into())
    }

    /// Not looked at.
    pub fn skip(text: impl Into<String>) -> Self {
        Self::new(Verdict::Skip, text.into())
    }

    fn new(verdict: Verdict, text: String) -> Self {
        Self {
            id: None,
            verdict,
            text,
            why: None,
            fix: None,
        }
    }

    /// Under this name instead of the check's.
    #[must_use]
    pub fn named(self, id: &'static str) -> Self {
        Self {
            id: Some(id),
            ..self
        }
    }

    /// Adds the reason.
    #[must_use]
    pub fn because(self, why: impl Into<String>) -> Self {
        Self {
            why: Some(why.into()),
            ..self
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self {
            fix: Some(fix.into()),
            ..self
        }
    }
}
