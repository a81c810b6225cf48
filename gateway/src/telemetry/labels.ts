/** Stands for all that is no operation of the contract, in metrics and traffic alike. */
export const NO_OPERATION = 'none';
