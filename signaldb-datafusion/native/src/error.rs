//! One error type, whose kind Java shows as `DataFusionException.Kind`.

use std::any::Any;
use std::cell::Cell;
use std::fmt::{self, Display, Formatter};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::parquet::errors::ParquetError;
use tokio::task::JoinError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plan,
    Execution,
    Resources,
    Io,
    Cancelled,
    Panic,
    Argument,
    Unsupported,
    Closed,
}

impl Kind {
    /// The name of the Java constant.
    fn name(self) -> &'static str {
        match self {
            Kind::Plan => "PLAN",
            Kind::Execution => "EXECUTION",
            Kind::Resources => "RESOURCES",
            Kind::Io => "IO",
            Kind::Cancelled => "CANCELLED",
            Kind::Panic => "PANIC",
            Kind::Argument => "ARGUMENT",
            Kind::Unsupported => "UNSUPPORTED",
            Kind::Closed => "CLOSED",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
}

pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub fn argument(message: impl Into<String>) -> Self {
        Self::new(Kind::Argument, message)
    }

    pub fn cancelled() -> Self {
        Self::new(Kind::Cancelled, "query cancelled")
    }

    pub fn panic(payload: Box<dyn Any + Send>) -> Self {
        Self::new(Kind::Panic, panic_message(payload))
    }

    pub fn io(path: &str, error: impl Display) -> Self {
        Self::new(Kind::Io, format!("{path}: {error}"))
    }
}

fn panic_message(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => match other.downcast::<&'static str>() {
            Ok(text) => (*text).to_string(),
            Err(_) => "panic without a message".to_string(),
        },
    }
}

/// Runs code over bytes from outside, for which a panic is just another way to refuse them: it
/// becomes an error text and does not reach the log.
pub fn refusing_panics<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    thread_local! {
        static QUIET: Cell<bool> = const { Cell::new(false) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                usual(panic);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    result.map_err(panic_message)
}

/// `KIND: message`, the form the Java exception's constructor takes apart.
impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)
    }
}

impl std::error::Error for Failure {}

impl From<DataFusionError> for Failure {
    fn from(error: DataFusionError) -> Self {
        let kind = match error.find_root() {
            DataFusionError::SQL(..)
            | DataFusionError::Plan(_)
            | DataFusionError::SchemaError(..)
            | DataFusionError::Diagnostic(..) => Kind::Plan,
            DataFusionError::ResourcesExhausted(_) => Kind::Resources,
            DataFusionError::ObjectStore(_)
            | DataFusionError::IoError(_)
            | DataFusionError::ParquetError(_) => Kind::Io,
            DataFusionError::NotImplemented(_) => Kind::Unsupported,
            DataFusionError::Configuration(_) => Kind::Argument,
            DataFusionError::ExecutionJoin(join) if join.is_panic() => Kind::Panic,
            DataFusionError::External(e) if is_panic(e.as_ref()) => Kind::Panic,
            _ => Kind::Execution,
        };
        Self::new(kind, error.strip_backtrace())
    }
}

/// A panic in a task that an operator has waited for.
fn is_panic(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<JoinError>().is_some_and(JoinError::is_panic)
}

impl From<ArrowError> for Failure {
    fn from(error: ArrowError) -> Self {
        Self::from(DataFusionError::from(error))
    }
}

impl From<ParquetError> for Failure {
    fn from(error: ParquetError) -> Self {
        Self::new(Kind::Io, error.to_string())
    }
}

impl From<object_store::Error> for Failure {
    fn from(error: object_store::Error) -> Self {
        Self::new(Kind::Io, error.to_string())
    }
}

impl From<jni::errors::Error> for Failure {
    fn from(error: jni::errors::Error) -> Self {
        Self::argument(format!("call from Java: {error}"))
    }
}
