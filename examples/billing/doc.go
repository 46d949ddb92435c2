// Package billing is the README's test: from the checkout to the charge, in one file to
// copy.
package billing
