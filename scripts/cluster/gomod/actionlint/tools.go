//go:build tools

// Package tools names the command that checks the workflow files, so that go.sum covers all it imports.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
