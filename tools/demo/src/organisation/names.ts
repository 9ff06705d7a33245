/** Given and family names that belong together, so that people have names as they occur, in the letters in which they are written. */
interface NameSet {
  readonly given: readonly string[];
  readonly family: readonly string[];
}

export const NAME_SETS: readonly NameSet[] = [
  {
    given: [
      'Ada',
      'Grace',
      'James',
      'Olivia',
      'Noah',
      'Amelia',
      'Jack',
      'Emily',
      'Henry',
      'Charlotte',
      'Oscar',
      'Ruby',
    ],
    family: [
      'Lovelace',
      'Hopper',
      'Smith',
      'Jones',
      'Taylor',
      'Brown',
      'Walker',
      'Hughes',
      "O'Brien",
      'Campbell',
      'Fraser',
    ],
  },
  {
    given: ['Jürgen', 'Anneliese', 'Björn', 'Käthe', 'Lukas', 'Mathilde', 'Götz', 'Zoë', 'Matthäus', 'Jörg'],
    family: ['Müller', 'Schröder', 'Weiß', 'Groß', 'von der Heide', 'Krämer', 'Böhm', 'Straßer', 'Köhler', 'Jäger'],
  },
  {
    given: ['Chloé', 'François', 'Léa', 'Jérôme', 'Anaïs', 'Benoît', 'Océane', 'Raphaël', 'Maëlys'],
    family: ['Lefèvre', 'Dubois', "D'Almeida", 'Béranger', 'Côté', 'Garçon', 'Noël', 'Saint-Étienne'],
  },
  {
    given: ['María José', 'Íñigo', 'Lucía', 'Ángel', 'Sofía', 'Joaquín', 'Begoña', 'Nicolás'],
    family: ['Núñez García', 'Fernández', 'Ibáñez', 'de la Peña', 'Muñoz', 'Álvarez', 'Sáenz', 'Ordóñez'],
  },
  {
    given: ['Łukasz', 'Zofia', 'Michał', 'Małgorzata', 'Paweł', 'Agnieszka', 'Wojciech', 'Grażyna'],
    family: ['Wiśniewski', 'Wójcik', 'Kowalczyk', 'Zieliński', 'Szymański', 'Dąbrowska', 'Jabłońska'],
  },
  {
    given: ['Søren', 'Åse', 'Jón', 'Guðrún', 'Mikkel', 'Pälvi', 'Øyvind', 'Þóra', 'Väinö'],
    family: ['Sørensen', 'Håkansson', 'Jónsdóttir', 'Nygård', 'Mäkelä', 'Ødegård', 'Lindström', 'Þorláksson'],
  },
  {
    given: ['Иван', 'Ольга', 'Дмитрий', 'Екатерина', 'Юрий', 'Светлана', 'Алексей'],
    family: ['Иванов', 'Смирнова', 'Кузнецов', 'Щербакова', 'Соловьёв', 'Чайковский'],
  },
  {
    given: ['Αλέξανδρος', 'Ελένη', 'Γεώργιος', 'Μαρία', 'Νίκος'],
    family: ['Παπαδόπουλος', 'Νικολάου', 'Γεωργίου', 'Ιωαννίδης'],
  },
  { given: ['伟', '芳', '娜', '秀英', '敏', '静', '明轩'], family: ['王', '李', '张', '刘', '陈', '欧阳'] },
  { given: ['さくら', '陽菜', '蓮', '大輔', '美咲', '健太'], family: ['佐藤', '鈴木', '高橋', '田中', '渡辺'] },
  { given: ['فاطمة', 'محمد', 'ليلى', 'يوسف', 'نور'], family: ['الحسيني', 'بن علي', 'العمري', 'حداد'] },
  { given: ['Nguyễn Thị', 'Trần Văn', 'Đức', 'Hương', 'Quỳnh'], family: ['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Đặng'] },
  {
    given: ['Aarav', 'Diya', 'Ananya', 'Vihaan', 'Saanvi', 'प्रिया'],
    family: ['Sharma', 'Patel', 'Iyer', 'Reddy', 'वर्मा'],
  },
  {
    given: ['Chinedu', 'Amina', 'Kwame', 'Zainab', 'Thandiwe', 'Oluwaseun'],
    family: ['Okafor', 'Mensah', 'Ndlovu', 'Adébáyọ̀'],
  },
];

export const DEPARTMENTS = [
  'Engineering',
  'Sales',
  'Finance',
  'Human Resources',
  'Research & Development',
  'Marketing',
  'Operations',
  'Customer Success',
] as const;
export type Department = (typeof DEPARTMENTS)[number];

export const TITLES = [
  'Engineer',
  'Analyst',
  'Consultant',
  'Specialist',
  'Coordinator',
  'Architect',
  'Assistant',
] as const;

/** Groups that cut across departments. */
export const PURPOSES = [
  'vpn',
  'wiki-editors',
  'release-managers',
  'on-call',
  'first-aid',
  'works-council',
  'book-club',
  'budget-owners',
  'interviewers',
  'security-champions',
  'data-stewards',
  'travel-approvers',
  'mentors',
  'sponsors',
  'beta-testers',
  'translators',
] as const;
