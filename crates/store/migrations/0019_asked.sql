-- What somebody is asked to decide is found without reading all of their notices.

create index notice_asked on notice (realm, account, id) where what = 'asked';
