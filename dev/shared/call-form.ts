/**
 * `<call-form>`: the form to join with, the buttons of a person who has joined, and the place for errors, by the ids that
 * `CallPage` looks for. What is inside the element in the page becomes fields of the form, after room and name.
 */
export class CallForm extends HTMLElement {
  connectedCallback(): void {
    const fields = [...this.childNodes];
    this.innerHTML = markup;
    this.querySelector('#join')?.before(...fields);
  }
}

/** What every server takes for a name. */
const plainName =
  'pattern="[A-Za-z0-9_.\\-]+" title="Letters, digits, and - _ . only" spellcheck="false" autocapitalize="none"';

const markup = `
  <form id="join-form" class="controls" autocomplete="off">
    <label>
      Room
      <input id="room" name="room" required ${plainName} />
    </label>
    <label>
      Your name <span class="hint">optional</span>
      <input id="identity" name="identity" ${plainName} />
    </label>
    <button id="join" class="primary" type="submit">Join</button>
  </form>
  <div id="call-controls" class="controls" hidden>
    <p class="call-room">Room <strong id="call-room"></strong></p>
    <button id="microphone" type="button">Mute</button>
    <button id="camera" type="button">Stop camera</button>
    <button id="leave" class="leave" type="button">Leave</button>
  </div>
  <div id="error" class="error" role="alert" hidden>
    <p id="error-message"></p>
    <p id="error-listen" hidden>
      Or <a id="listen-only" href="?listenOnly=1&amp;autojoin=1">join to see and hear only</a>.
    </p>
    <p class="error-code">Code: <code id="error-code"></code></p>
  </div>
`;

customElements.define('call-form', CallForm);
