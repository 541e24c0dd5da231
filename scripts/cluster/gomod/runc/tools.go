//go:build tools

// Package tools names the commands that the node tests build, so that go.sum covers all they import.
package tools

import (
	_ "github.com/opencontainers/runc"
)
