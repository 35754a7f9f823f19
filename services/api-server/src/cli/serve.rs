use super::{Failure, with_runtime};
use crate::{
    app::{Application, Stopper},
    settings::{Settings, Sources},
};

pub(super) fn run(sources: &Sources) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    let log = settings.log.clone();
    with_runtime(&log, async {
        for warning in &settings.warnings {
            tracing::warn!("{warning}");
        }
        let issuer = settings.policy.issuer().to_owned();
        let origins = settings.cors_origins.clone();
        let application = Application::build(settings).await?;
        tracing::info!(
            address = %application.address(),
            issuer,
            cors.origins = ?origins,
            version = env!("CARGO_PKG_VERSION"),
            "listening"
        );
        if let Some(address) = application.metrics_address() {
            tracing::info!(%address, "serving metrics");
        }
        actix_web::rt::spawn(stop_on_signal(application.stopper())?);
        application.run_until_stopped().await?;
        Ok(())
    })
}

/// The first SIGTERM or SIGINT asks the service to stop, the second one makes it.
#[cfg(unix)]
fn stop_on_signal(stopper: Stopper) -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        loop {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            tracing::info!("{name} received");
            stopper.stop();
        }
    })
}

/// The first Ctrl-C asks the service to stop, the second one makes it.
#[cfg(not(unix))]
fn stop_on_signal(stopper: Stopper) -> std::io::Result<impl Future<Output = ()>> {
    Ok(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            tracing::info!("Ctrl-C received");
            stopper.stop();
        }
    })
}
