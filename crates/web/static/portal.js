// Villagers' pages work without this file. It adds: a draft kept on "back", smaller photos, copy, print.
(function () {
  'use strict';
  var d = document;
  function all(sel, root) { return Array.prototype.slice.call((root || d).querySelectorAll(sel)); }
  function store(act) { try { return act(window.sessionStorage); } catch (e) { return null; } }

  // --- draft: only in this tab, gone when the tab closes or the receipt is shown
  var KEY = 'draft:';
  function keyOf(form) { return KEY + (form.getAttribute('action') || location.pathname); }
  function fields(form) {
    return all('input, textarea, select', form).filter(function (e) {
      return e.name && e.type !== 'hidden' && e.type !== 'file' && e.type !== 'password';
    });
  }
  function keep(form) {
    var kept = {};
    fields(form).forEach(function (e) {
      if (e.type === 'radio') { if (e.checked) kept[e.name] = e.value; }
      else if (e.type === 'checkbox') { if (e.checked) kept[e.name] = e.value; }
      else if (e.value) kept[e.name] = e.value;
    });
    store(function (s) { s.setItem(keyOf(form), JSON.stringify(kept)); });
  }
  function bring(form) {
    var kept = store(function (s) { return JSON.parse(s.getItem(keyOf(form)) || 'null'); });
    if (!kept) return;
    fields(form).forEach(function (e) {
      if (!(e.name in kept)) return;
      if (e.type === 'radio' || e.type === 'checkbox') e.checked = e.checked || e.value === kept[e.name];
      else if (!e.value) e.value = kept[e.name];
    });
  }
  all('form[data-draft]').forEach(function (form) {
    bring(form);
    form.addEventListener('input', function () { keep(form); });
    form.addEventListener('change', function () { keep(form); });
  });
  if (d.querySelector('[data-draft-done]')) {
    store(function (s) {
      for (var i = s.length - 1; i >= 0; i--) { var k = s.key(i); if (k && k.indexOf(KEY) === 0) s.removeItem(k); }
    });
  }

  // --- one press sends once; "back" gives the button again
  all('form').forEach(function (form) {
    form.addEventListener('submit', function (ev) {
      if (form.getAttribute('data-sent')) { ev.preventDefault(); return; }
      form.setAttribute('data-sent', '1');
      var b = form.querySelector('button[data-busy]');
      if (b) { b.setAttribute('data-word', b.textContent); b.textContent = b.getAttribute('data-busy'); b.setAttribute('aria-disabled', 'true'); }
    });
  });
  window.addEventListener('pageshow', function () {
    all('form[data-sent]').forEach(function (form) {
      form.removeAttribute('data-sent');
      var b = form.querySelector('button[data-word]');
      if (b) { b.textContent = b.getAttribute('data-word'); b.removeAttribute('aria-disabled'); }
    });
  });

  // --- photos: shown as chosen, made smaller (which also drops place marks) before they are sent
  var LONG = 1600, QUALITY = 0.8, LITTLE = 400 * 1024;
  function shrink(file) {
    return new Promise(function (done) {
      var reader = new FileReader();
      reader.onerror = function () { done({ file: file, url: '' }); };
      reader.onload = function () {
        var img = new Image();
        img.onerror = function () { done({ file: file, url: '' }); };
        img.onload = function () {
          var scale = Math.min(1, LONG / Math.max(img.naturalWidth, img.naturalHeight));
          var c = d.createElement('canvas');
          c.width = Math.max(1, Math.round(img.naturalWidth * scale));
          c.height = Math.max(1, Math.round(img.naturalHeight * scale));
          try {
            c.getContext('2d').drawImage(img, 0, 0, c.width, c.height);
            c.toBlob(function (blob) {
              var smaller = blob && (blob.size < file.size || file.size > LITTLE);
              done({ file: smaller ? new File([blob], 'photo.jpg', { type: 'image/jpeg' }) : file, url: reader.result });
            }, 'image/jpeg', QUALITY);
          } catch (e) { done({ file: file, url: reader.result }); }
        };
        img.src = reader.result;
      };
      reader.readAsDataURL(file);
    });
  }
  all('.photo[data-photos]').forEach(function (box) {
    var input = box.querySelector('input[type=file]'), say = box.querySelector('.photo-say'), thumbs = box.querySelector('.photo-thumbs');
    if (!input || !window.FileReader || !window.Promise) return;
    var max = parseInt(box.getAttribute('data-max'), 10) || 3, hint = say.textContent;
    box.classList.add('photo-on');
    input.addEventListener('change', function () {
      var files = Array.prototype.slice.call(input.files || []), many = files.length > max;
      files = files.slice(0, max);
      thumbs.textContent = '';
      thumbs.hidden = true;
      box.classList.toggle('photo-has', files.length > 0);
      say.textContent = many ? box.getAttribute('data-many') : files.length ? box.getAttribute('data-say').replace('#', files.length) : hint;
      if (!files.length) return;
      Promise.all(files.map(shrink)).then(function (list) {
        list.forEach(function (one) {
          if (!one.url) return;
          var img = d.createElement('img');
          img.alt = '';
          img.src = one.url;
          thumbs.appendChild(img);
          thumbs.hidden = false;
        });
        try {
          var bag = new DataTransfer();
          list.forEach(function (one) { bag.items.add(one.file); });
          input.files = bag.files;
        } catch (e) { /* an old browser sends the photos as they are */ }
      });
    });
  });

  // --- copy, print
  all('[data-copy]').forEach(function (b) {
    b.hidden = false;
    b.addEventListener('click', function () {
      var text = b.getAttribute('data-copy'), word = b.textContent;
      function said() { b.textContent = b.getAttribute('data-done'); setTimeout(function () { b.textContent = word; }, 2000); }
      function old() {
        var t = d.createElement('textarea');
        t.value = text; t.className = 'sr'; d.body.appendChild(t); t.select();
        try { if (d.execCommand('copy')) said(); } finally { d.body.removeChild(t); }
      }
      if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(said, old); else old();
    });
  });
  all('[data-print]').forEach(function (b) {
    b.hidden = false;
    b.addEventListener('click', function () { window.print(); });
  });
}());
