// Two requests each: one that any model can do, and one that is hard. The signs were tuned on the first list. The second
// was written afterwards, and no sign was changed for it.
export const complexityPairs: readonly (readonly [easy: string, hard: string])[] = [
  ['rename a variable', 'split this 800-line class into modules'],
  ['add a comment above this line', 'find the race in our connection pool'],
  ['fix the typo in the README', 'design a sharded job queue that survives a failover'],
  ['sort the imports', 'migrate the whole codebase from callbacks to async iterators'],
  ['what does ?? mean', 'prove that this lock-free stack is linearizable'],
  ['remove the trailing comma', 'why does the heap keep growing under load although nothing holds a reference?'],
  ['change the button color to blue', 'review the authentication flow across all services for privilege escalation'],
  ['改个变量名', '把这个 1500 行的类拆成几个模块，行为不能变'],
  ['这行加个注释', '找出连接池里的竞态条件'],
  ['修一下 README 里的错别字', '设计一个能容忍机房故障的分布式任务队列'],
  ['删掉没用到的 import', '整个项目从 Vue 2 迁移到 Vue 3，给出分步方案'],
  ['按钮颜色改成蓝色', '线上偶发死锁，帮忙分析根本原因'],
  ['這個縮排怪怪的，修一下', '證明這個無鎖佇列是線性一致的'],
  ['?? 是什么意思', '审查整个鉴权流程，看有没有越权和注入的风险'],
  ['変数名を変えて', 'この1200行のクラスをモジュールに分割して、挙動は変えないで'],
  ['ここにコメントを1行足して', 'コネクションプールの競合状態を見つけて'],
  ['READMEの誤字を直して', 'フェイルオーバーに耐える分散ジョブキューを設計して'],
  ['使っていないimportを消して', 'プロジェクト全体をVue 2からVue 3に移行する手順を考えて'],
  ['ボタンの色を青にして', '本番でたまに起きるデッドロックの根本原因を突き止めて'],
  ['?? って何？', '認証の流れ全体を見て、権限昇格やインジェクションの穴がないか調べて'],
];

export const freshComplexityPairs: readonly (readonly [easy: string, hard: string])[] = [
  ['delete this unused import', 'work out why two workers sometimes process the same message twice'],
  ['make the title bold', 'plan a zero-downtime migration of our 2 TB Postgres database to another region'],
  ['yes or no: is Python typed?', 'derive the complexity of this algorithm and prove the bound is tight'],
  ['bump the version to 1.4.2', 'rewrite our 6,000-line scheduler so that it can run distributed'],
  ['标题加粗', '两个 worker 偶尔会重复处理同一条消息，找出根本原因'],
  ['版本号改成 1.4.2', '设计一个零停机的方案，把 2TB 的 Postgres 迁移到另一个机房'],
  ['谢谢', '推导这个算法的时间复杂度并证明下界'],
  ['タイトルを太字にして', '2つのワーカーがたまに同じメッセージを二重に処理する原因を突き止めて'],
  ['バージョンを1.4.2に上げて', '2TBのPostgresを無停止で別リージョンに移行する計画を設計して'],
  ['はい', 'このアルゴリズムの計算量を導出し、下界を証明して'],
];
