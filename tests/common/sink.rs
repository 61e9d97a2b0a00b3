//! A mail relay for tests: takes letters over real SMTP on a loopback port, refuses recipients as told, and keeps
//! what it took.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A letter as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// To whom, by the envelope.
    pub to: String,
    /// Headers and body, as sent.
    pub raw: String,
}

impl Arrived {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.raw.split("\r\n\r\n").next().unwrap_or_default();
        headers.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

#[derive(Default)]
struct Told {
    arrived: Vec<Arrived>,
    refused: Vec<(String, &'static str)>,
    hangs_up_after_data: bool,
    is_silent: bool,
}

/// The relay.
pub struct Sink {
    /// Where it listens.
    pub port: u16,
    told: Arc<Mutex<Told>>,
    task: JoinHandle<()>,
}

impl Sink {
    /// A relay on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let told = Arc::new(Mutex::new(Told::default()));
        let kept = told.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let told = kept.clone();
                tokio::spawn(async move { talk(stream, &told).await });
            }
        });
        Self { port, told, task }
    }

    /// The section of the configuration that sends letters here.
    pub fn config(&self) -> String {
        format!(
            "[mail]\nrelay_host = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom_address = \
             \"dangnhap@danang.example\"\ntimeout_seconds = 5\n",
            self.port
        )
    }

    /// The letters that arrived.
    pub fn arrived(&self) -> Vec<Arrived> {
        told(&self.told).arrived.clone()
    }

    /// To whom letters arrived, in order.
    pub fn recipients(&self) -> Vec<String> {
        self.arrived().into_iter().map(|letter| letter.to).collect()
    }

    /// Refuses recipients whose address contains a word, with this answer, e.g. `550 no such user`; with `goodbye` in
    /// it, the relay hangs up.
    pub fn refuse(&self, word: &str, answer: &'static str) {
        told(&self.told).refused.push((word.to_owned(), answer));
    }

    /// Refuses nobody any more.
    pub fn refuse_nobody(&self) {
        told(&self.told).refused.clear();
    }

    /// Takes each letter and breaks the connection before it answers, or no more.
    pub fn hang_up_after_data(&self, whether: bool) {
        told(&self.told).hangs_up_after_data = whether;
    }

    /// Accepts connections and says nothing, or speaks again.
    pub fn be_silent(&self, whether: bool) {
        told(&self.told).is_silent = whether;
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn told(told: &Mutex<Told>) -> MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn talk(stream: TcpStream, told_: &Mutex<Told>) {
    if told(told_).is_silent {
        tokio::time::sleep(std::time::Duration::from_mins(1)).await;
        return;
    }
    let mut stream = BufReader::new(stream);
    let (mut line, mut to) = (String::new(), String::new());
    let mut answer = "220 sink\r\n".to_owned();
    loop {
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => "250-sink\r\n250 8BITMIME\r\n".to_owned(),
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let refusal =
                    told(told_).refused.iter().find(|(word, _)| to.contains(word)).map(|(_, say)| *say);
                let say = format!("{}\r\n", refusal.unwrap_or("250 ok"));
                if say.contains("goodbye") {
                    let _ = stream.write_all(say.as_bytes()).await;
                    return;
                }
                say
            }
            "DATA" => {
                if stream.write_all(b"354 go on\r\n").await.is_err() {
                    return;
                }
                let raw = read_data(&mut stream).await;
                let mut told = told(told_);
                told.arrived.push(Arrived { to: to.clone(), raw });
                if told.hangs_up_after_data {
                    return;
                }
                "250 taken\r\n".to_owned()
            }
            "QUIT" => {
                let _ = stream.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => "250 ok\r\n".to_owned(),
        };
    }
}

async fn read_data(stream: &mut BufReader<TcpStream>) -> String {
    let (mut raw, mut line) = (String::new(), String::new());
    while stream.read_line(&mut line).await.unwrap_or(0) > 0 && line != ".\r\n" {
        raw.push_str(line.strip_prefix('.').unwrap_or(&line));
        line.clear();
    }
    raw
}
