//! What an error of PostgreSQL means.

use std::error::Error as _;
use std::io;

use tokio_postgres::error::SqlState;

/// The error as text. It leaves out the detail of an error, which shows values of rows.
pub fn text(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(reported), _) => format!("{} ({})", reported.message(), reported.code().code()),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

/// Whether the same may succeed soon: the server cannot be reached, it does not work now, or it ended the transaction because of another
/// one.
pub fn is_temporary(error: &tokio_postgres::Error) -> bool {
    let Some(code) = error.code() else {
        let has_io_cause = error.source().is_some_and(|cause| cause.is::<io::Error>());
        return error.is_closed() || has_io_cause;
    };
    // Class 08 are broken connections, class 57 an operator's intervention, such as a restart.
    code.code().starts_with("08")
        || (code.code().starts_with("57") && *code != SqlState::QUERY_CANCELED)
        || [
            SqlState::TOO_MANY_CONNECTIONS,
            // A standby that has not become the primary yet.
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::LOCK_NOT_AVAILABLE,
        ]
        .contains(code)
        || is_rolled_back(error)
}

/// Whether the server ended the transaction because of another one, so that the same may succeed at once.
fn is_rolled_back(error: &tokio_postgres::Error) -> bool {
    [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].iter().any(|code| error.code() == Some(code))
}
