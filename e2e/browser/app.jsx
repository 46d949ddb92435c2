// The smallest application with Lava's published checkout hook: it opens the token in its address and shows which
// callbacks it received.
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { useLavaCheckout } from "@lavapayments/checkout";

function App() {
  const [calls, setCalls] = useState([]);
  const note = (name) => (args) => setCalls((before) => [...before, { name, args }]);
  const { open } = useLavaCheckout({
    onSuccess: note("onSuccess"),
    onCancel: note("onCancel"),
    onError: note("onError"),
  });
  return (
    <main>
      <h1>Chat with your documents</h1>
      <p>Ask anything about the files that your team has shared.</p>
      <button onClick={() => open(new URLSearchParams(location.search).get("token"))}>Upgrade</button>
      <pre>{JSON.stringify(calls)}</pre>
    </main>
  );
}

createRoot(document.getElementById("root")).render(<App />);
