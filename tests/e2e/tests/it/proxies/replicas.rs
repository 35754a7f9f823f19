use auth_testkit::FakeIssuer;
use tokio::net::TcpSocket;
use uuid::Uuid;

use crate::support::{
    api::{Api, Runs, Variables},
    ground::Ground,
};

/// Two servers over one database, each in a process of its own.
pub struct Replicas {
    // In the order in which they have to go.
    running: [Option<Api>; 2],
    ports: [u16; 2],
    variables: Variables,
    issuer: FakeIssuer,
    ground: Ground,
}

/// A user with a token.
pub struct Person {
    pub id: Uuid,
    pub token: String,
}

impl Replicas {
    pub async fn start() -> Self {
        let issuer = FakeIssuer::start();
        let ground = Ground::new().await;
        // Better Auth lives elsewhere.
        let apart = ("API__AUTH__ACCOUNTS__MODE", "off");
        ground.migrate(&[("BETTER_AUTH_URL", &issuer.url()), apart]);
        ground.make_api_login().await;
        let mut variables = vec![
            ("DATABASE_URL", ground.api_url()),
            ("BETTER_AUTH_URL", issuer.url()),
        ];
        variables.extend(
            [
                apart,
                ("API__SERVER__WORKERS", "2"),
                ("API__DATABASE__MAX_CONNECTIONS", "8"),
                // Two users ask as often as a whole house does.
                ("API__LIMITS__REQUESTS_PER_USER", "off"),
                ("API__LOG__FORMAT", "json"),
                // As in deploy/systemd; deploy/kubernetes waits longer.
                ("API__SERVER__SHUTDOWN_DELAY", "5s"),
            ]
            .map(|(name, value)| (name, value.to_owned())),
        );
        let mut replicas = Self {
            running: [None, None],
            ports: [free_port(), free_port()],
            variables,
            issuer,
            ground,
        };
        for place in 0..2 {
            replicas.run(place).await;
        }
        replicas
    }

    pub fn ports(&self) -> [u16; 2] {
        self.ports
    }

    pub fn people(&self, count: usize) -> Vec<Person> {
        let person = |_| {
            let id = Uuid::new_v4();
            let token = self.issuer.token_for(id);
            Person { id, token }
        };
        (0..count).map(person).collect()
    }

    /// As an operator does: SIGTERM, its end, which has to be a good one, and a new one that is ready.
    pub async fn restart(&mut self, place: usize) {
        let mut api = self.running[place].take().unwrap();
        let log = api.end();
        assert!(log.contains("\"stopped\""), "{log}");
        self.run(place).await;
    }

    /// Of the person's tasks, as the database has them.
    pub async fn titles_of(&self, person: &Person) -> Vec<String> {
        let sql = "SELECT title FROM app.tasks WHERE user_id = $1 ORDER BY title COLLATE \"C\"";
        let rows = self.ground.admin().await.query(sql, &[&person.id]).await;
        rows.unwrap().iter().map(|row| row.get(0)).collect()
    }

    async fn run(&mut self, place: usize) {
        let mut variables = self.variables.clone();
        variables.push(("API__SERVER__PORT", self.ports[place].to_string()));
        let api = Api::start(Runs::AsItsOwnProcess, &variables).await;
        api.ready().await;
        self.running[place] = Some(api);
    }
}

/// One that nobody listens on.
pub fn free_port() -> u16 {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket.local_addr().unwrap().port()
}
