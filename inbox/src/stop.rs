//! The signals with which a person or a service manager asks the inbox to stop.

use std::io;

/// Ctrl-C and, on Unix, SIGTERM.
pub struct Stop {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Stop {
    /// Starts to listen. From now on the signals no longer end the process by themselves.
    pub fn listen() -> io::Result<Stop> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Stop { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
        }
        #[cfg(windows)]
        {
            Ok(Stop { interrupt: tokio::signal::windows::ctrl_c()? })
        }
    }

    /// Waits for the next signal.
    pub async fn requested(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
        }
        #[cfg(windows)]
        self.interrupt.recv().await;
    }
}
