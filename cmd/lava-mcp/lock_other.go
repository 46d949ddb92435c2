//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package main

import (
	"errors"
	"io/fs"
	"os"
)

// tryLock takes a lock, or returns [errLocked] if another process has it. The lock is held by the process that
// created the file. If a process dies with the lock, a person must remove the file.
func tryLock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, errLocked
	}
	if err != nil {
		return nil, err
	}
	_ = file.Close()
	return func() { _ = os.Remove(path) }, nil
}
