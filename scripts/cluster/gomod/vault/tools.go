//go:build tools

// Package tools names the commands that the tests build, so that go.sum covers all they import.
package tools

import (
	_ "github.com/hashicorp/vault"
	_ "github.com/hashicorp/vault-plugin-auth-kubernetes/cmd/vault-plugin-auth-kubernetes"
	_ "github.com/hashicorp/vault/builtin/logical/rabbitmq/cmd/rabbitmq"
)
