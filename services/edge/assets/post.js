// Posts the answer to the application, as the button would.
document.forms[0].submit();
