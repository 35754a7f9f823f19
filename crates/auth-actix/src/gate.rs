use std::fmt;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready as poll_ready};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpMessage};
use futures_util::future::LocalBoxFuture;
use pin_project_lite::pin_project;

use crate::admitted::Admitted;
use crate::guard::{Decision, Entrant, Guard};
use crate::limits::Quota;
use crate::problem::Problem;

impl<S, B> Transform<S, ServiceRequest> for Guard
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Transform = Guarded<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let guard = Rc::new(self.clone());
        ready(Ok(Guarded(Rc::new(Gate { guard, service }))))
    }
}

/// A service behind its [`Guard`].
#[derive(Debug)]
pub struct Guarded<S>(Rc<Gate<S>>);

#[derive(Debug)]
struct Gate<S> {
    guard: Rc<Guard>,
    service: S,
}

impl<S, B> Service<ServiceRequest> for Guarded<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Future = Entering<S>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.service.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        Entering {
            gate: Rc::clone(&self.0),
            step: Step::Arrived {
                request: Some(request),
            },
        }
    }
}

pin_project! {
    /// A request on its way through a [`Guard`]: decided when it is first polled, so that it
    /// happens within the span that the request is instrumented with.
    ///
    /// Whoever is known takes no box and no detour; only who has to be waited for does.
    pub struct Entering<S>
    where
        S: Service<ServiceRequest>,
    {
        gate: Rc<Gate<S>>,
        #[pin]
        step: Step<S::Future>,
    }
}

impl<S: Service<ServiceRequest>> fmt::Debug for Entering<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entering").finish_non_exhaustive()
    }
}

pin_project! {
    #[project = StepNow]
    enum Step<F> {
        Arrived { request: Option<ServiceRequest> },
        Waiting { asked: LocalBoxFuture<'static, (ServiceRequest, Decision)> },
        Inside { #[pin] response: F, quota: Option<Quota> },
    }
}

impl<S, B> Future for Entering<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Output = Result<ServiceResponse<EitherBody<B, BoxBody>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let (request, decision) = match this.step.as_mut().project() {
                StepNow::Inside { response, quota } => {
                    let mut response = poll_ready!(response.poll(cx))?;
                    for (name, value) in quota.iter().flat_map(Quota::headers) {
                        response.headers_mut().insert(name, value);
                    }
                    return Poll::Ready(Ok(response.map_into_left_body()));
                }
                StepNow::Waiting { asked } => poll_ready!(asked.as_mut().poll(cx)),
                StepNow::Arrived { request } => {
                    let request = request.take().expect("a request arrives once");
                    let guard = &this.gate.guard;
                    match guard.decide_now(&request) {
                        Ok(decision) => (request, decision),
                        Err(pending) => {
                            let guard = Rc::clone(guard);
                            let asked = Box::pin(async move {
                                let decision = guard.decide(&request, pending).await;
                                (request, decision)
                            });
                            this.step.set(Step::Waiting { asked });
                            continue;
                        }
                    }
                }
            };
            let guard = &this.gate.guard;
            match decision {
                Ok(Entrant { identity, quota }) => {
                    let guard = Rc::clone(guard);
                    request
                        .extensions_mut()
                        .insert(Admitted { identity, guard });
                    let response = this.gate.service.call(request);
                    this.step.set(Step::Inside { response, quota });
                }
                Err(refusal) => {
                    refusal.report(request.request().match_pattern().as_deref());
                    let problem = Problem::from(&refusal);
                    let mut response = guard.face().respond(&problem, request.request());
                    for (name, value) in guard.quota_of(&refusal).iter().flat_map(Quota::headers) {
                        response.headers_mut().insert(name, value);
                    }
                    let response = request.into_response(response).map_into_right_body();
                    return Poll::Ready(Ok(response));
                }
            }
        }
    }
}
