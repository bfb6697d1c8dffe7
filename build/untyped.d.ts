/** Stands for a library whose own types do not compile with the options of this project; tsconfig.json names them. */
declare const library: unknown;
export default library;
