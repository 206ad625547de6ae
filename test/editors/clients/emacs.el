;;; emacs.el --- a user of eglot, by script  -*- lexical-binding: t -*-
;; Reviews a file, takes a finding's edit from the code action menu, has a model fix another, and leaves. Each step is a line of
;; JSON on standard error, after a line end and an @. Run: emacs --batch -q -l emacs.el
;; FILE: what to open.  SERVER: the server's command line as JSON.  TURN: a folder; step N waits there for a file named N.

(require 'eglot)
(require 'flymake)
(require 'json)

(defconst step-limit-s 60)

(defun say (event &rest fields)
  (princ (concat "\n@" (json-encode (append (list :event event) fields)) "\n")
         #'external-debugging-output)) ; standard output is not flushed before the end

(defun wait-for (what condition)
  (let ((end (+ (float-time) step-limit-s)) (met nil))
    (while (not (setq met (funcall condition)))
      (when (> (float-time) end) (error "Waited in vain for %s" what))
      (accept-process-output nil 0.02)
      (sit-for 0)) ; lets timers run, which batch mode does nowhere else
    met))

(defun wait-for-turn (step)
  (wait-for step (lambda () (file-exists-p (expand-file-name step (getenv "TURN"))))))

(defun ours ()
  "Diagnostics that came from the server."
  (flymake-start)
  (seq-filter (lambda (diagnostic) (string-prefix-p "eglot-" (symbol-name (flymake-diagnostic-type diagnostic))))
              (flymake-diagnostics)))

(defun find-diagnostic (part)
  (wait-for (format "a diagnostic that says %s" part)
            (lambda () (seq-find (lambda (diagnostic) (string-search part (flymake-diagnostic-text diagnostic))) (ours)))))

(defun take-action (part pattern)
  "Open eglot's own menu at the diagnostic that says PART, and take the action whose title matches PATTERN."
  (goto-char (flymake-diagnostic-beg (find-diagnostic part)))
  (let* ((offered nil)
         (chosen nil)
         (before (buffer-string))
         (last-nonmenu-event ?x)        ; batch mode leaves nil, which eglot takes for a mouse menu
         (completing-read-function
          (lambda (_prompt collection &rest _)
            (setq offered (all-completions "" collection))
            (setq chosen (or (seq-find (lambda (title) (string-match-p pattern title)) offered)
                             (error "No action matches %s among %S" pattern offered))))))
    (call-interactively #'eglot-code-actions)
    (wait-for (format "a changed buffer after %S" offered) (lambda () (not (equal before (buffer-string)))))
    (tell-change)
    (say "action" :title (or chosen "") :offered (vconcat offered) :text (buffer-string))))

(defun tell-change ()
  "Send what an idle timer would send: batch mode is never idle."
  (eglot--signal-textDocument/didChange))

(defun connect ()
  (define-derived-mode typescript-mode prog-mode "TypeScript")
  (add-to-list 'eglot-server-programs
               (cons 'typescript-mode (append (json-parse-string (getenv "SERVER") :array-type 'list) nil)))
  (find-file (getenv "FILE"))
  (typescript-mode)
  (call-interactively #'eglot)
  (let* ((server (eglot-current-server))
         (switchyard (plist-get (plist-get (eglot--capabilities server) :experimental) :switchyard)))
    (say "attached" :pid (plist-get switchyard :pid) :wire (plist-get switchyard :wire)
         :server (plist-get (eglot--server-info server) :name))
    server))

(defun review (server)
  (let ((result (jsonrpc-request server :workspace/executeCommand
                                 (list :command "switchyard.review"
                                       :arguments (vector (list :uri (eglot--path-to-uri (buffer-file-name)))))
                                 :timeout step-limit-s)))
    (say "reviewed" :result result))
  (wait-for "diagnostics" #'ours)
  (say "diagnostics"
       :list (vconcat (mapcar (lambda (diagnostic)
                                (list :line (1- (line-number-at-pos (flymake-diagnostic-beg diagnostic)))
                                      :message (flymake-diagnostic-text diagnostic)))
                              (ours)))))

(defun main ()
  (setq eglot-sync-connect step-limit-s
        eglot-autoshutdown nil
        eglot-confirm-server-initiated-edits nil
        make-backup-files nil
        create-lockfiles nil)
  (let ((server (connect)))
    (wait-for-turn "review")
    (review server)
    (take-action (getenv "WITH_EDIT") "^Apply suggested fix")
    (take-action (getenv "WITH_MODEL") "^Fix with Switchyard:")
    (wait-for-turn "leave")
    (set-buffer-modified-p nil)
    (eglot-shutdown server)
    (wait-for "the end of the server" (lambda () (not (jsonrpc-running-p server))))
    (say "left")))

(condition-case failure
    (main)
  (error (say "failed" :message (error-message-string failure))
         (kill-emacs 1)))
(kill-emacs 0)
;;; emacs.el ends here
