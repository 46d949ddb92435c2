package mockserver

import "net/http"

// Mount lets handler respond to the paths of pattern, which is one of
// [http.ServeMux] such as "/mcp", besides those of the server itself. As with
// the control endpoints, only this machine reaches it, and who has the
// [ControlToken].
func (s *Server) Mount(pattern string, handler http.Handler) {
	s.mounted.Handle(pattern, handler)
}

// isMounted reports whether a request is for what was mounted.
func (s *Server) isMounted(r *http.Request) bool {
	_, pattern := s.mounted.Handler(r)
	return pattern != ""
}

// serveMounted responds to requests for what was mounted.
func (s *Server) serveMounted(w http.ResponseWriter, r *http.Request) {
	if err := s.guardControl(r); err != nil {
		s.writeError(w, r, err)
		return
	}
	s.mounted.ServeHTTP(w, r)
}
