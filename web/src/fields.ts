// The few fields that most machines are made with. To add one: a line here, with its words in both
// languages; what the library says of its parameter stands below it in English.

import type { Path } from "./document";

export type Field = {
  id: string;
  path: Path;
  kind: "text" | "list" | "password";
  label: { en: string; ko: string };
  about: { en: string; ko: string };
  example: string;
};

export type Group = { id: string; label: { en: string; ko: string }; fields: Field[] };

export const GROUPS: Group[] = [
  {
    id: "machine",
    label: { en: "Machine", ko: "서버" },
    fields: [
      {
        id: "hostname",
        path: ["hostname"],
        kind: "text",
        label: { en: "Host name", ko: "호스트 이름" },
        about: {
          en: "Letters, digits and -. Default: the cloud's.",
          ko: "영문자, 숫자, -. 비워 두면 클라우드가 정합니다.",
        },
        example: "hello-cju",
      },
      {
        id: "packages",
        path: ["packages"],
        kind: "list",
        label: { en: "Debian packages", ko: "데비안 패키지" },
        about: {
          en: "Names with commas between them. Default: none.",
          ko: "이름을 쉼표로 나누어 적습니다. 비워 두면 없습니다.",
        },
        example: "git, htop",
      },
    ],
  },
  {
    id: "environment",
    label: { en: "Conda environment", ko: "conda 환경" },
    fields: [
      {
        id: "env",
        path: ["conda", "environments", 0, "name"],
        kind: "text",
        label: { en: "Name", ko: "이름" },
        about: { en: "As in conda activate NAME. Default: no conda.", ko: "conda activate 이름. 비워 두면 conda가 없습니다." },
        example: "hello_cju",
      },
      {
        id: "python",
        path: ["conda", "environments", 0, "python"],
        kind: "text",
        label: { en: "Python", ko: "파이썬 버전" },
        about: { en: "Such as 3.12. Default: the newest.", ko: "예: 3.12. 비워 두면 최신 버전입니다." },
        example: "3.12",
      },
      {
        id: "conda-packages",
        path: ["conda", "environments", 0, "packages"],
        kind: "list",
        label: { en: "Packages", ko: "패키지" },
        about: {
          en: "Conda packages with commas between them, such as numpy, flask>=3. Default: Python alone.",
          ko: "conda 패키지를 쉼표로 나누어 적습니다(예: numpy, flask>=3). 비워 두면 파이썬만 설치합니다.",
        },
        example: "numpy, flask>=3",
      },
    ],
  },
  {
    id: "application",
    label: { en: "Your application", ko: "애플리케이션" },
    fields: [
      {
        id: "git",
        path: ["app", "git", "url"],
        kind: "text",
        label: { en: "Git repository", ko: "Git 저장소" },
        about: {
          en: "Its https address. Default: no application, but a web page.",
          ko: "https 주소. 비워 두면 애플리케이션 없이 웹 페이지만 있습니다.",
        },
        example: "https://git.example.org/guestbook.git",
      },
      {
        id: "commit",
        path: ["app", "git", "commit"],
        kind: "text",
        label: { en: "Commit or tag", ko: "커밋이나 태그" },
        about: { en: "40 hexadecimal digits, or the name of a tag.", ko: "16진수 40자리 또는 태그 이름." },
        example: "v1.0",
      },
      {
        id: "module",
        path: ["app", "module"],
        kind: "text",
        label: { en: "Module", ko: "모듈" },
        about: {
          en: "What serves it: MODULE:VARIABLE or MODULE:FUNCTION().",
          ko: "실행할 것: 모듈:변수 또는 모듈:함수().",
        },
        example: "hello_cju:create_app()",
      },
    ],
  },
  {
    id: "account",
    label: { en: "Account", ko: "계정" },
    fields: [
      {
        id: "user",
        path: ["users", 0, "name"],
        kind: "text",
        label: { en: "Login name", ko: "로그인 이름" },
        about: {
          en: "Small letters, digits, - and _. Default: only the image's own account.",
          ko: "영문 소문자, 숫자, -, _. 비워 두면 이미지의 기본 계정만 있습니다.",
        },
        example: "mina",
      },
      {
        id: "password",
        path: ["users", 0, "password"],
        kind: "password",
        label: { en: "Password", ko: "암호" },
        about: {
          en: "For the console and sudo. Only its hash goes into the user-data, and it is never in a link.",
          ko: "콘솔과 sudo에 씁니다. 사용자 데이터에는 해시만 들어가고, 링크에는 절대 들어가지 않습니다.",
        },
        example: "",
      },
    ],
  },
];

export const FIELDS = GROUPS.flatMap((group) => group.fields);
