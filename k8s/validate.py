"""Checks rendered manifests strictly: validate.py KUBERNETES_VERSION FILE..."""

import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

# Kubernetes knows no schemas of what is not its own. Ours names every field that we use, and no other.
FOREIGN = {
    group: json.loads(pathlib.Path(__file__).with_name(f"{name}.schema.json").read_text())
    for group, name in {"cert-manager.io": "cert-manager", "monitoring.coreos.com": "prometheus-operator"}.items()
}


def faults(thing, version):
    """What is wrong with one object."""
    foreign = FOREIGN.get(thing["apiVersion"].split("/")[0])
    if foreign:
        validator = jsonschema.Draft202012Validator(foreign)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(thing)]
    try:
        kubernetes_validate.validate(thing, version, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        return [str(getattr(error, "message", error))]
    return []


def main(version, *files):
    failed = 0
    for file in files:
        names = set()
        for thing in yaml.safe_load_all(pathlib.Path(file).read_text()):
            name = f"{thing['kind']}/{thing['metadata']['name']}"
            wrong = faults(thing, version)
            if name in names:
                wrong.append("stands twice")
            names.add(name)
            for fault in wrong:
                print(f"{file}: {name}: {fault}")
            failed += bool(wrong)
        print(f"{file}: {len(names)} objects")
    sys.exit(1 if failed else 0)


main(*sys.argv[1:])
