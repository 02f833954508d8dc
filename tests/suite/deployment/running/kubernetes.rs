//! The pods of the trial overlay to the first token, from the rendered manifests, without a cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use mintage_testkit::installation::{Outcome, Process, Program};
use mintage_testkit::{eventually, programs};
use serde_json::Value;

use super::machine::{Container, Machine, Mount};
use crate::deployment::manifests::{Manifests, OVERLAYS, items, text};
use crate::deployment::mounts::{ISSUED, files};
use crate::deployment::pods::Pod;

/// What runs of the manifests.
struct Cluster {
    manifests: Manifests,
    machine: Machine,
    pki: PathBuf,
}

#[test]
fn the_rendered_manifests_lead_to_a_first_token() {
    let Some(manifests) = Manifests::of(OVERLAYS[0]) else { return };
    if !programs::is_there("curl") || !programs::is_there("psql") {
        return;
    }
    let names: Vec<_> = Pod::all(&manifests).iter().map(|pod| pod.name.to_owned()).collect();
    let Some(machine) = Machine::new(names.iter().map(String::as_str)) else { return };
    let cluster = Cluster::new(manifests, machine);
    let database = cluster.postgresql();
    let ready = ["pg_isready", "--username", "postgres", "--host", "localhost"];
    cluster.until(&database, false, &ready);
    for job in ["migrate-client-registry", "migrate-key-management", "migrate-consent"] {
        let outcome = cluster.machine.run(&cluster.container(job));
        assert_eq!(outcome.code, 0, "{job}: {outcome:?}");
    }
    let running: Vec<_> = SERVICES.map(|name| cluster.machine.start(&cluster.container(name))).into();
    for (name, process) in SERVICES.iter().zip(&running) {
        println!("{name} is asked for its health");
        cluster.until(process, true, &["/usr/bin/mintage", "health"]);
    }
    let outcome = cluster.machine.run(&cluster.container("bootstrap"));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let answer = cluster.first_token(running.last().expect("the edge"));
    assert_eq!(text(&answer["access_token"]).split('.').count(), 3, "{answer}");
}

impl Cluster {
    fn new(manifests: Manifests, machine: Machine) -> Self {
        let pki = machine.folder("pki");
        let cluster = Self { manifests, machine, pki };
        cluster.issue(&["init"]);
        for service in SERVICES {
            let shown = cluster.manifests.get("Certificate", &format!("{service}-public")).expect("a certificate");
            let names = items(&shown["spec"]["dnsNames"]).flat_map(|name| ["--dns", text(name)]);
            cluster.issue(&["issue", service].into_iter().chain(names).collect::<Vec<_>>());
        }
        cluster
    }

    /// Waits until `program` in the container of `process` succeeds.
    fn until(&self, process: &Process, image: bool, program: &[&str]) {
        let succeeded = eventually(PATIENCE, || self.machine.succeeds_in(process, image, program).then_some(()));
        assert!(succeeded.is_some(), "{program:?} does not succeed: {}", process.log());
    }

    /// What cert-manager does.
    fn issue(&self, arguments: &[&str]) {
        let mut command = Program::beside_tests().command(&self.pki);
        let outcome = Outcome::of(command.arg("pki").args(arguments).args(["--dir", "."]));
        assert_eq!(outcome.code, 0, "{outcome:?}");
    }

    fn postgresql(&self) -> Process {
        let pod = self.pod("postgresql");
        let folder = |name: &str| self.lay_out(&pod, name);
        let script = folder("databases").join("databases.sh");
        self.machine.postgresql("postgresql", &folder("secrets"), &script)
    }

    fn pod(&self, name: &str) -> Pod<'_> {
        Pod::all(&self.manifests).into_iter().find(|pod| pod.name == name).expect("a pod of that name")
    }

    /// The first `mintage` of a pod.
    fn container(&self, name: &str) -> Container {
        let pod = self.pod(name);
        let mut containers = pod.containers();
        let container = containers.find(|container| text(&container["image"]).contains("mintage")).expect("ours");
        let variables = items(&container["env"]).map(|entry| (text(&entry["name"]), text(&entry["value"])));
        let mounts = items(&container["volumeMounts"]).map(|mount| Mount {
            source: self.lay_out(&pod, text(&mount["name"])),
            target: text(&mount["mountPath"]).to_owned(),
            writable: mount["readOnly"] != true,
        });
        Container {
            name: name.to_owned(),
            arguments: items(&container["args"]).map(|word| text(word).to_owned()).collect(),
            variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            mounts: mounts.collect(),
        }
    }

    /// A volume of a pod as a folder.
    fn lay_out(&self, pod: &Pod<'_>, volume: &str) -> PathBuf {
        let folder = self.machine.folder(&format!("{}-{volume}", pod.name));
        let volume = items(&pod.spec["volumes"]).find(|each| each["name"] == volume).expect("a volume of that name");
        if !volume["emptyDir"].is_null() {
            chown(&folder);
            return folder;
        }
        for (name, content) in files(&self.manifests, volume) {
            let issued = self.pki.join(pod.identity().unwrap_or_default()).join(&name);
            let content = if ISSUED.contains(&&*name) { fs::read(issued).expect("it was issued") } else { content };
            fs::write(folder.join(name), content).expect("a file");
        }
        folder
    }

    fn first_token(&self, edge: &Process) -> Value {
        let profile = self.machine.folder("bootstrap-profile").join("operator.env");
        let profile = fs::read_to_string(profile).expect("the operator's profile");
        let of = |key: &str| profile.lines().find_map(|line| line.strip_prefix(key)).expect("a line").to_owned();
        let client = format!("client_id={}", of("OPERATOR_CLIENT_ID="));
        let secret = format!("client_secret={}", of("OPERATOR_CLIENT_SECRET="));
        let authority = self.pki.join("ca.pem").display().to_string();
        let asked = ["curl", "--silent", "--cacert", &authority, "https://localhost:8443/oauth/token"];
        let form = ["grant_type=client_credentials", &client, &secret, "audience=urn:mintage:management"];
        let form = form.iter().flat_map(|field| ["-d", *field]);
        let answer = self.machine.beside(edge, &asked.into_iter().chain(form).collect::<Vec<_>>());
        assert_eq!(answer.code, 0, "{answer:?}");
        serde_json::from_str(&answer.stdout).expect("JSON")
    }
}

/// `fsGroup` makes it the pod's.
fn chown(folder: &Path) {
    let given = Command::new("chown").arg("65532:65532").arg(folder).status();
    assert!(given.expect("chown runs").success());
}

const PATIENCE: Duration = Duration::from_secs(60);
/// In the order in which they are started; the edge is the last.
const SERVICES: [&str; 5] = ["client-registry", "key-management", "consent", "token", "edge"];
